import { isFilledWith } from "../../input/integers.js";
import { recordDate } from "../../iso9660/read/dates.js";
import { type DirectoryRecord, FLAG, RECORD_HEAD } from "../../iso9660/read/directory-record.js";
import type { FaultList } from "../fault.js";
import { bothEndian16, bothEndian32 } from "./numbers.js";

/** The fields of one directory record by themselves (ECMA-119 9.1). */
export function checkRecordFields(faults: FaultList, record: DirectoryRecord, place: () => string): void {
  const { bytes, offset, identifier } = record;
  bothEndian32(faults, { bytes, at: 2, offset }, place, "ECMA-119 9.1.3", "location of extent");
  bothEndian32(faults, { bytes, at: 10, offset }, place, "ECMA-119 9.1.4", "data length");
  if (bothEndian16(faults, { bytes, at: 28, offset }, place, "ECMA-119 9.1.9", "volume sequence number") !== 1) {
    faults.error(
      place(),
      offset + 28,
      "ECMA-119 9.1.9",
      "its extent is on this volume: the volume sequence number is 1",
    );
  }
  if (bytes.length % 2 !== 0) {
    faults.error(
      place(),
      offset,
      "ECMA-119 9.1.13",
      `a record has an even number of bytes, this one has ${bytes.length}`,
    );
  }
  if (bytes[1] !== 0) {
    faults.warning(
      place(),
      offset + 1,
      "ECMA-119 9.1.2",
      `an extended attribute record of ${bytes[1]} blocks: many readers ignore it`,
    );
  }
  if (!isFilledWith(bytes, 18, 7, 0) && recordDate(bytes, 18) === undefined) {
    faults.error(place(), offset + 18, "ECMA-119 9.1.5", "the recording date is no date");
  }
  checkFlags(faults, record, place);
  if (bytes[26] !== 0 || bytes[27] !== 0) {
    faults.error(
      place(),
      offset + 26,
      "ECMA-119 9.1.7, 9.1.8",
      "an interleaved file: readers take its bytes as one piece",
    );
  }
  if (identifier.length === 0)
    faults.error(place(), offset + 32, "ECMA-119 9.1.10", "the identifier has at least one byte");
  const padding = RECORD_HEAD + identifier.length;
  if (identifier.length % 2 === 0 && bytes[padding] !== undefined && bytes[padding] !== 0) {
    faults.error(place(), offset + padding, "ECMA-119 9.1.12", "the byte behind an identifier of even length is zero");
  }
  if (identifier.length % 2 === 0 && bytes.length === padding) {
    faults.error(place(), offset, "ECMA-119 9.1.12", "a byte fills the record up behind an identifier of even length");
  }
}

function checkFlags(faults: FaultList, { flags, offset }: DirectoryRecord, place: () => string): void {
  if ((flags & 0x60) !== 0)
    faults.error(place(), offset + 25, "ECMA-119 9.1.6", "bits 5 and 6 of the file flags are zero");
  if ((flags & (FLAG.hidden | FLAG.associated | FLAG.record | FLAG.protection)) !== 0) {
    faults.warning(
      place(),
      offset + 25,
      "ECMA-119 9.1.6",
      "hidden, associated, record or protected: not every reader shows it",
    );
  }
  if ((flags & FLAG.directory) !== 0 && (flags & FLAG.multiExtent) !== 0) {
    faults.error(place(), offset + 25, "ECMA-119 9.1.6, 6.8.1", "a directory is a single extent");
  }
}
