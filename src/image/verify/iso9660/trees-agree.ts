import { isDirectory, isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { type CheckedTree, type IsoCheck, recordPath } from "./tree.js";

interface Place {
  readonly extent: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * The primary and the Joliet tree describe the same files: each extent and length of the one is in the other (Joliet, "Directory
 * Hierarchy"), and where Rock Ridge and Joliet have the same path, it is the same file.
 */
export function checkTreesAgree(
  { faults }: IsoCheck,
  primary: CheckedTree,
  joliet: CheckedTree,
  rockRidgePaths: ReadonlyMap<string, Place>,
): void {
  const inPrimary = filesByExtent(primary);
  const inJoliet = filesByExtent(joliet);
  for (const [key, { offset, path }] of inPrimary) {
    if (!inJoliet.has(key))
      faults.warning(
        `record ${path} (primary)`,
        offset,
        "Joliet",
        "the Joliet tree has no file with this extent and length",
      );
  }
  for (const [key, { offset, path }] of inJoliet) {
    if (!inPrimary.has(key))
      faults.warning(
        `record ${path} (Joliet)`,
        offset,
        "Joliet",
        "the primary tree has no file with this extent and length",
      );
  }
  for (const directory of joliet.directories) {
    for (const record of directory.records) {
      if (isDirectory(record) || isSelf(record) || isParent(record)) continue;
      const path = recordPath("Joliet", directory, record);
      const other = rockRidgePaths.get(path);
      if (other === undefined || (other.size === 0 && record.size === 0)) continue;
      if (other.extent === record.extent && other.size === record.size) continue;
      faults.error(
        `record ${path} (Joliet)`,
        record.offset + 2,
        "Joliet; RRIP 4.1.4",
        "Rock Ridge has another file under this name",
      );
    }
  }
}

function filesByExtent({ name, directories }: CheckedTree): Map<string, { offset: number; path: string }> {
  const files = new Map<string, { offset: number; path: string }>();
  for (const directory of directories) {
    for (const record of directory.records) {
      if (isDirectory(record) || record.size === 0) continue;
      files.set(`${record.extent}:${record.size}`, {
        offset: record.offset + 2,
        path: recordPath(name, directory, record),
      });
    }
  }
  return files;
}
