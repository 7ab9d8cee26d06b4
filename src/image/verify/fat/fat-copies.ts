import type { FatCheck } from "./check.js";
import { SPECIFICATION } from "./check.js";

/** All copies of the FAT are the same (FAT specification, BPB_NumFATs). */
export function checkFatCopies({ input, geometry, table, faults, budget }: FatCheck): void {
  const size = table.bytes.length;
  const used = Math.ceil(((geometry.clusters + 2) * geometry.type) / 8);
  const first = Buffer.from(table.bytes.buffer, table.bytes.byteOffset, size);
  for (let copy = 1; copy < geometry.fatCount; copy++) {
    const start = geometry.fatStart + copy * size;
    if (start + size > input.size) {
      faults.error(`FAT ${copy + 1}`, start, `${SPECIFICATION} BPB_NumFATs`, "it lies outside the volume");
      return;
    }
    budget.hold(size, "FAT");
    const other = input.read(start, size);
    if (first.equals(other)) continue;
    const at = first.findIndex((byte, index) => byte !== other[index]);
    const place = `FAT ${copy + 1}`;
    if (at < used) faults.error(place, start + at, `${SPECIFICATION} BPB_NumFATs`, "it differs from the first FAT");
    else
      faults.warning(
        place,
        start + at,
        `${SPECIFICATION} BPB_NumFATs`,
        "behind its last cluster it differs from the first FAT",
      );
  }
}
