import { uint32le } from "../../input/integers.js";
import { isParent, isSelf } from "../../iso9660/read/directory-record.js";
import type { SystemUseEntry } from "../../iso9660/read/system-use.js";
import type { FaultList } from "../fault.js";
import { bothEndian32 } from "./numbers.js";
import type { RecordUse } from "./system-use.js";

/**
 * CL, PL and RE (RRIP 4.1.5): a CL leads to a directory whose own record elsewhere has RE and whose `..` has a PL that leads back.
 */
export function checkRelocation(faults: FaultList, uses: readonly RecordUse[]): void {
  const moved = new Set<number>();
  const gathering = new Set<number>();
  const parents = new Map<number, number>();
  for (const { directory, record, entries } of uses) {
    if (find(entries, "RE") !== undefined && !isSelf(record) && !isParent(record)) {
      moved.add(record.extent);
      gathering.add(directory.block);
    }
    const pl = find(entries, "PL");
    if (pl !== undefined && isParent(record)) parents.set(directory.block, uint32le(pl.bytes, 4));
  }
  const claimed = new Set<number>();
  for (const use of uses) {
    for (const entry of use.entries) {
      if (entry.signature !== "CL" && entry.signature !== "PL" && entry.signature !== "RE") continue;
      if (!checkForm(faults, use, entry)) continue;
      if (entry.signature === "CL") checkChild(faults, use, entry, moved, parents, claimed);
      else if (entry.signature === "PL" && !isParent(use.record)) {
        faults.error(use.place("PL"), entry.offset, "RRIP 4.1.5.2", "it stands in the record of a directory's parent");
      }
    }
  }
  for (const use of uses) checkMoved(faults, use, claimed, gathering);
}

function find(entries: readonly SystemUseEntry[], signature: string): SystemUseEntry | undefined {
  return entries.find((entry) => entry.signature === signature);
}

function checkForm(faults: FaultList, { place }: RecordUse, { signature, bytes, offset }: SystemUseEntry): boolean {
  const length = signature === "RE" ? 4 : 12;
  if (bytes.length !== length) {
    faults.error(place(signature), offset + 2, "RRIP 4.1.5", `the entry has ${length} bytes, not ${bytes.length}`);
    return false;
  }
  if (signature !== "RE")
    bothEndian32(faults, { bytes, at: 4, offset }, () => place(signature), "RRIP 4.1.5", "block of the directory");
  return true;
}

function checkChild(
  faults: FaultList,
  { directory, place }: RecordUse,
  { bytes, offset }: SystemUseEntry,
  moved: ReadonlySet<number>,
  parents: ReadonlyMap<number, number>,
  claimed: Set<number>,
): void {
  const block = uint32le(bytes, 4);
  if (!moved.has(block)) {
    faults.error(place("CL"), offset + 4, "RRIP 4.1.5.1", `no directory with RE begins at block ${block}`);
    return;
  }
  claimed.add(block);
  if (parents.get(block) !== directory.block) {
    const back = parents.get(block) ?? "nowhere";
    faults.error(
      place("CL"),
      offset + 4,
      "RRIP 4.1.5.2",
      `the directory there has its parent at ${back}, not here at ${directory.block}`,
    );
  }
}

/**
 * A directory with RE that no CL leads to is lost to readers of Rock Ridge. Its own record and its children's for it may have RE too,
 * and so may the directory that gathers those that were moved.
 */
function checkMoved(
  faults: FaultList,
  { record, entries, place }: RecordUse,
  claimed: ReadonlySet<number>,
  gathering: ReadonlySet<number>,
): void {
  const entry = find(entries, "RE");
  if (entry === undefined || isSelf(record) || isParent(record)) return;
  if (claimed.has(record.extent) || gathering.has(record.extent)) return;
  faults.warning(place("RE"), entry.offset, "RRIP 4.1.5.3", "no CL entry leads to this directory: it is not shown");
}
