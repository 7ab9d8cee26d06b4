import { type CheckedTree, type IsoCheck, recordPlace } from "./tree.js";

/**
 * Bytes in the System Use fields of a tree without Rock Ridge (ECMA-119 9.1.13): nobody can tell what they mean, and as often as not the
 * record's length is wrong.
 */
export function checkForeignSystemUse({ faults }: IsoCheck, tree: CheckedTree): void {
  for (const directory of tree.directories) {
    for (const record of directory.records) {
      if (record.systemUse >= record.bytes.length) continue;
      const length = record.bytes.length - record.systemUse;
      const rule = `${length} bytes of system use that no entry of the root directory announces`;
      faults.warning(
        recordPlace(tree.name, directory, record),
        record.offset + record.systemUse,
        "ECMA-119 9.1.13",
        rule,
      );
    }
  }
}
