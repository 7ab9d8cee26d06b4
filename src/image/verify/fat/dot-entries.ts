import { ATTRIBUTE, isDot, parseEntry } from "../../fat/read/directory-entry.js";
import { type CheckedFatDirectory, type FatCheck, type Slot, SPECIFICATION } from "./check.js";
import { directoryPlace } from "./tree.js";

/** The first two entries of every directory but the root are `.` and `..`, with its own and its parent's cluster (0 for the root). */
export function checkDotEntries({ faults, geometry }: FatCheck, directory: CheckedFatDirectory): void {
  const place = directoryPlace(directory);
  const clause = `${SPECIFICATION} "Directory Creation"`;
  if (directory.parent === undefined) {
    const dot = directory.slots.find(({ bytes }) => isDot(bytes));
    if (dot !== undefined) faults.error(place, dot.offset, clause, "the root directory has neither . nor ..");
    return;
  }
  const above = directory.parent.parent === undefined ? 0 : directory.parent.cluster;
  checkOne(directory.slots[0], ".", directory.cluster);
  checkOne(directory.slots[1], "..", above);
  for (const { offset, bytes } of directory.slots.slice(2)) {
    if (isDot(bytes)) faults.error(place, offset, clause, ". and .. are the first two entries only");
  }

  function checkOne(slot: Slot | undefined, name: string, cluster: number): void {
    if (slot === undefined || !isDot(slot.bytes) || (slot.bytes[1] === 0x2e) !== (name === "..")) {
      faults.error(place, slot?.offset ?? 0, clause, `the entry ${name} is missing`);
      return;
    }
    const entry = parseEntry(slot.bytes, 0, slot.offset, geometry.type);
    if (entry.cluster !== cluster) {
      faults.error(place, slot.offset + 26, clause, `${name} leads to cluster ${entry.cluster}, it is ${cluster}`);
    }
    if ((entry.attributes & ATTRIBUTE.directory) === 0)
      faults.error(place, slot.offset + 11, clause, `${name} is a directory`);
  }
}
