import { isDirectory } from "../../iso9660/read/directory-record.js";
import type { ExtentMap } from "./extent-map.js";
import { type CheckedTree, type IsoCheck, recordPlace } from "./tree.js";

/** Notes where directories and files lie, and reports files outside the volume (ECMA-119 9.1.3, 9.1.4). */
export function checkFileExtents(check: IsoCheck, tree: CheckedTree, extents: ExtentMap): void {
  const { blockSize } = tree.root;
  for (const directory of tree.directories) {
    extents.add(directory.block * blockSize, directory.size, "directory", () => `${directory.path} (${tree.name})`);
    for (const record of directory.records) {
      if (isDirectory(record)) continue;
      const { extent, size, offset, bytes } = record;
      const first = extent + bytes[1]!;
      if (first + Math.ceil(size / blockSize) > check.volumeBlocks) {
        const place = recordPlace(tree.name, directory, record);
        check.faults.error(
          place,
          offset + 2,
          "ECMA-119 9.1.3, 9.1.4",
          `its extent (block ${first}, ${size} bytes) lies outside the volume`,
        );
      } else if (size > 0)
        extents.add(first * blockSize, size, "file", () => recordPlace(tree.name, directory, record));
    }
  }
}
