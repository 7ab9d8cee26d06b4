import { firstNonZero } from "../../input/integers.js";
import { SECTOR } from "../../iso9660/read/volume-descriptor.js";
import { type CheckedDirectory, type CheckedTree, directoryPlace, type IsoCheck } from "./tree.js";

/** Behind the last record of each of a directory's sectors there are zeros (ECMA-119 6.8.1.1). */
export function checkDirectoryExtent(check: IsoCheck, tree: CheckedTree, directory: CheckedDirectory): void {
  const { input, faults } = check;
  const start = directory.block * tree.root.blockSize;
  const bytes = input.read(start, directory.size);
  let next = 0;
  for (let sector = 0; sector < bytes.length; sector += SECTOR) {
    const end = Math.min(sector + SECTOR, bytes.length);
    let at = sector;
    for (; next < directory.records.length; next++) {
      const record = directory.records[next]!;
      const within = record.offset - start;
      if (within >= end) break;
      at = within + record.bytes.length;
    }
    const dirty = firstNonZero(bytes, at, end);
    if (dirty >= 0) {
      const place = directoryPlace(tree.name, directory.path);
      faults.error(place, start + dirty, "ECMA-119 6.8.1.1", "there are bytes behind the last record of a sector");
    }
  }
}
