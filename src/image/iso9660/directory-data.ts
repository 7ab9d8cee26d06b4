import { type DirectoryPlan, type HierarchyForm, type RecordPlan, recordLength } from "./directory-plan.js";
import {
  DIRECTORY_RECORD,
  FLAG_DIRECTORY,
  PARENT,
  putDirectoryRecord,
  SELF,
  systemUseOffset,
} from "./directory-record.js";
import type { FileExtents } from "./file-extents.js";
import type { RecordingDates } from "./recording-date.js";
import { SectorPacking } from "./sector-packing.js";

/** Stores the records of every directory. */
export function putDirectories(
  b: Uint8Array,
  directories: readonly DirectoryPlan[],
  form: HierarchyForm,
  files: FileExtents,
  dates: RecordingDates,
): void {
  for (const directory of directories) {
    const packing = new SectorPacking();
    putDot(b, packing, directory, ".", form, dates);
    putDot(b, packing, directory, "..", form, dates);
    for (const record of directory.records) {
      putRecord(b, directory.place.start + packing.place(record.length), record, form, files, dates);
    }
  }
}

function putRecord(
  b: Uint8Array,
  o: number,
  record: RecordPlan,
  form: HierarchyForm,
  files: FileExtents,
  dates: RecordingDates,
): void {
  const { node, directory, identifierBytes } = record;
  const isDirectory = node.kind === "directory";
  const sector = directory?.place.sector ?? (isDirectory ? 0 : files.sectorOf(node));
  const dataLength = directory?.dataLength ?? (isDirectory ? 0 : node.data.size);
  const flags = isDirectory ? FLAG_DIRECTORY : 0;
  putDirectoryRecord(b, o, record.length, sector, dataLength, node.mtime, dates, flags, identifierBytes);
  form.putIdentifier(b, o + DIRECTORY_RECORD.identifier, record.identifier, isDirectory);
  form.putSystemUse(b, o + systemUseOffset(identifierBytes), record);
}

function putDot(
  b: Uint8Array,
  packing: SectorPacking,
  directory: DirectoryPlan,
  which: "." | "..",
  form: HierarchyForm,
  dates: RecordingDates,
): void {
  const target = which === "." ? directory : directory.parent;
  const length = recordLength(1, form.dotSystemUseBytes(directory, which));
  const o = directory.place.start + packing.place(length);
  putDirectoryRecord(b, o, length, target.place.sector, target.dataLength, target.node.mtime, dates, FLAG_DIRECTORY, 1);
  b[o + DIRECTORY_RECORD.identifier] = which === "." ? SELF : PARENT;
  form.putDotSystemUse(b, o + systemUseOffset(1), directory, which);
}
