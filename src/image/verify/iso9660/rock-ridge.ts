import { type DirectoryRecord, FLAG, isDirectory, isSelf } from "../../iso9660/read/directory-record.js";
import { checkAlternateName } from "./alternate-name.js";
import type { ExtentMap } from "./extent-map.js";
import { checkForeignSystemUse } from "./foreign-system-use.js";
import { checkPosixAttributes } from "./posix-attributes.js";
import { checkRelocation } from "./relocation.js";
import { checkRockRidgeFlags } from "./rock-ridge-flags.js";
import { checkSharingProtocol } from "./sharing-protocol.js";
import { checkSymbolicLink } from "./symbolic-link.js";
import { checkSystemUse, type RecordUse } from "./system-use.js";
import { checkTimeStamps } from "./time-stamps.js";
import type { CheckedDirectory, CheckedTree, IsoCheck } from "./tree.js";

/** Where a file of the Rock Ridge names lies. */
export interface RockRidgeFile {
  readonly extent: number;
  readonly size: number;
  readonly offset: number;
}

/** All of Rock Ridge in the primary tree, where the root says that it is there; gives the files by their Rock Ridge paths. */
export function checkRockRidge(check: IsoCheck, tree: CheckedTree, extents: ExtentMap): Map<string, RockRidgeFile> {
  const files = new Map<string, RockRidgeFile>();
  const root = tree.directories[0];
  const self = root?.records[0];
  if (root === undefined || self === undefined || !isSelf(self)) return files;
  const first = checkSystemUse(check, tree, root, self, 0, extents);
  if (!hasRockRidge(first)) {
    checkForeignSystemUse(check, tree);
    return files;
  }
  const sp = first.entries.find(({ signature }) => signature === "SP");
  const skip = sp?.bytes[6] ?? 0;
  const uses: RecordUse[] = [];
  const count = tree.directories.reduce((sum, { records }) => sum + records.length, 0);
  const paths = new Map<CheckedDirectory, string>([[root, ""]]);
  const byBlock = new Map(tree.directories.map((directory) => [directory.block, directory]));
  for (const directory of tree.directories) {
    const names = new Map<string, DirectoryRecord>();
    for (const record of directory.records) {
      const use = record === self ? first : checkSystemUse(check, tree, directory, record, skip, extents);
      uses.push(use);
      checkEntries(check, use, count);
      const name = checkAlternateName(check.faults, use);
      if (name === undefined) continue;
      checkUnique(check, use, name, names);
      const path = `${paths.get(directory) ?? ""}/${Buffer.from(name, "latin1").toString("utf8")}`;
      const child = byBlock.get(record.extent);
      if (!isDirectory(record)) files.set(path, { extent: record.extent, size: record.size, offset: record.offset });
      else if (child !== undefined) paths.set(child, path);
    }
  }
  checkRelocation(check.faults, uses);
  return files;
}

/** Rock Ridge is meant where the root's own record has any entry of it, even when SP or ER are damaged. */
function hasRockRidge({ entries }: RecordUse): boolean {
  return entries.some(({ signature }) => ["SP", "ER", "PX", "RR"].includes(signature));
}

function checkEntries({ faults }: IsoCheck, use: RecordUse, records: number): void {
  checkSharingProtocol(faults, use);
  checkPosixAttributes(faults, use, records);
  checkTimeStamps(faults, use);
  checkSymbolicLink(faults, use);
  checkRockRidgeFlags(faults, use);
}

/** Records with RE are not shown (RRIP 4.1.5.3), so their names may be those of others. */
function checkUnique(
  { faults }: IsoCheck,
  { record, entries, place }: RecordUse,
  name: string,
  names: Map<string, DirectoryRecord>,
): void {
  if (entries.some(({ signature }) => signature === "RE")) return;
  const before = names.get(name);
  names.set(name, record);
  if (before === undefined || (before.flags & FLAG.multiExtent) !== 0) return;
  faults.error(place("NM"), record.offset, "RRIP 4.1.4", "another record of the directory has the same name");
}
