import type { DirectoryPlan, HierarchyForm } from "./directory-plan.js";
import type { HierarchyLayout } from "./layout.js";
import { PATH_TABLE_RECORD, pathTableRecordLength, putPathTableRecordL, putPathTableRecordM } from "./path-table.js";

/** Bytes of one path table (ECMA-119 8.4.13). */
export function pathTableSize(directories: readonly DirectoryPlan[]): number {
  return directories.reduce((size, directory) => size + pathTableRecordLength(directory.identifierBytes), 0);
}

/** Stores one hierarchy's tables of both types. */
export function putPathTables(
  b: Uint8Array,
  directories: readonly DirectoryPlan[],
  form: HierarchyForm,
  layout: HierarchyLayout,
): void {
  let l = layout.pathTableL.start;
  let m = layout.pathTableM.start;
  for (const { identifier, identifierBytes, number, place, parent } of directories) {
    putPathTableRecordL(b, l, identifierBytes, place.sector, parent.number);
    putPathTableRecordM(b, m, identifierBytes, place.sector, parent.number);
    // The root's identifier is one zero byte, which the buffer holds already (ECMA-119 6.8.2.2).
    if (number > 1) {
      form.putIdentifier(b, l + PATH_TABLE_RECORD.identifier, identifier, true);
      form.putIdentifier(b, m + PATH_TABLE_RECORD.identifier, identifier, true);
    }
    const length = pathTableRecordLength(identifierBytes);
    l += length;
    m += length;
  }
}
