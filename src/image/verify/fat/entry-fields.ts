import { ATTRIBUTE, fatDate } from "../../fat/read/directory-entry.js";
import { LOWER_BASE, LOWER_EXTENSION } from "../../fat/read/short-name.js";
import { uint16le, uint32le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";
import { type Slot, SPECIFICATION } from "./check.js";

/** The fields of a directory entry by themselves, other than its name and chain. */
export function checkEntryFields(
  faults: FaultList,
  { bytes, offset }: Slot,
  type: 12 | 16 | 32,
  place: () => string,
): void {
  const error = (at: number, field: string, rule: string) =>
    faults.error(place(), offset + at, `${SPECIFICATION} ${field}`, rule);
  const attributes = bytes[11]!;
  if ((attributes & 0xc0) !== 0) error(11, "DIR_Attr", "bits 6 and 7 are reserved");
  if ((bytes[12]! & ~(LOWER_BASE | LOWER_EXTENSION)) !== 0)
    error(12, "DIR_NTRes", "only the two bits of lower case are in use");
  if ((attributes & (ATTRIBUTE.hidden | ATTRIBUTE.system)) !== 0 && (attributes & ATTRIBUTE.volumeLabel) === 0) {
    faults.warning(place(), offset + 11, `${SPECIFICATION} DIR_Attr`, "hidden or system: not every reader shows it");
  }
  if (bytes[13] !== 0 && uint16le(bytes, 16) === 0) error(13, "DIR_CrtTimeTenth", "without a creation date it is 0");
  if (bytes[13]! > 199) error(13, "DIR_CrtTimeTenth", "it counts hundredths of two seconds: 0 to 199");
  if (type !== 32 && uint16le(bytes, 20) !== 0) error(20, "DIR_FstClusHI", "on FAT12 and FAT16 the field is 0");
  if ((attributes & ATTRIBUTE.directory) !== 0 && uint32le(bytes, 28) !== 0)
    error(28, "DIR_FileSize", "a directory has the size 0");
  checkDate(uint16le(bytes, 24), uint16le(bytes, 22), 22, "DIR_WrtDate", false);
  checkDate(uint16le(bytes, 16), uint16le(bytes, 14), 14, "DIR_CrtDate", true);
  checkDate(uint16le(bytes, 18), 0, 18, "DIR_LstAccDate", true);

  function checkDate(date: number, time: number, at: number, field: string, optional: boolean): void {
    if (optional && date === 0 && time === 0) return;
    if (fatDate(date, time) === undefined) error(at, field, "it is no date and time");
  }
}

/** An entry that is no file: a volume label, `.` or `..`. It has its own attribute alone, no bits of lower case, and no size. */
export function checkPlainEntry(faults: FaultList, { bytes, offset }: Slot, attribute: number, place: string): void {
  if (bytes[11] !== attribute) {
    faults.warning(
      place,
      offset + 11,
      `${SPECIFICATION} DIR_Attr`,
      `its attribute is ${attribute.toString(16)} alone, not ${bytes[11]!.toString(16)}`,
    );
  }
  if (bytes[12] !== 0) faults.warning(place, offset + 12, `${SPECIFICATION} DIR_NTRes`, "its name has no lower case");
  if (uint32le(bytes, 28) !== 0) faults.error(place, offset + 28, `${SPECIFICATION} DIR_FileSize`, "it has the size 0");
}
