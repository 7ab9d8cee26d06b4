import { type DirectoryRecord, isDirectory, isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { type CheckedDirectory, type CheckedTree, directoryPlace, type IsoCheck } from "./tree.js";

/**
 * A directory's first record is its own, its second its parent's, each with that directory's extent and length (ECMA-119 6.8.2.2, 9.2).
 * A relocated directory's second record is that of the directory where it stands now (RRIP 4.1.5).
 */
export function checkSelfAndParent(check: IsoCheck, tree: CheckedTree, directory: CheckedDirectory): void {
  const { faults } = check;
  const place = directoryPlace(tree.name, directory.path);
  const start = directory.block * tree.root.blockSize;
  const [self, parent, ...others] = directory.records;
  if (self === undefined || !isSelf(self)) {
    faults.error(place, start, "ECMA-119 6.8.2.2", "the first record is the directory's own (identifier 00)");
  } else same(self, directory, "the directory's own record leads elsewhere");
  if (parent === undefined || !isParent(parent)) {
    faults.error(place, start, "ECMA-119 6.8.2.2", "the second record is the parent directory's (identifier 01)");
  } else same(parent, directory.parent ?? directory, "the parent directory's record leads elsewhere");
  for (const record of others) {
    if (isSelf(record) || isParent(record)) {
      faults.error(
        place,
        record.offset,
        "ECMA-119 6.8.2.2",
        "identifiers 00 and 01 stand in the first two records only",
      );
    }
  }

  function same(record: DirectoryRecord, target: CheckedDirectory, rule: string): void {
    if (record.extent !== target.block || record.size !== target.size) {
      const leads = `block ${record.extent}, ${record.size} bytes; it is block ${target.block}, ${target.size} bytes`;
      faults.error(place, record.offset + 2, "ECMA-119 6.8.2.2, 9.2", `${rule}: ${leads}`);
    }
    if (!isDirectory(record))
      faults.error(place, record.offset + 25, "ECMA-119 9.1.6", "the record of a directory says so");
  }
}
