import { isDirectory, isSelf, parseDirectoryRecord } from "../../iso9660/read/directory-record.js";
import type { VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import { descriptorPlace } from "./descriptor-set.js";
import { checkRecordFields } from "./directory-record.js";
import type { IsoCheck } from "./tree.js";

const ROOT_RECORD = 156;
const LENGTH = 34;

/** The directory record of the root inside a volume descriptor (ECMA-119 8.4.18). */
export function checkRootRecord(check: IsoCheck, descriptor: VolumeDescriptor): void {
  const { faults } = check;
  const offset = descriptor.offset + ROOT_RECORD;
  const place = () => `root directory record, ${descriptorPlace(descriptor)}`;
  if (descriptor.bytes[ROOT_RECORD] !== LENGTH) {
    faults.error(
      place(),
      offset,
      "ECMA-119 8.4.18, 9.1.1",
      `the root's record has ${LENGTH} bytes, not ${descriptor.bytes[ROOT_RECORD]}`,
    );
  }
  const field = descriptor.bytes.subarray(ROOT_RECORD, ROOT_RECORD + LENGTH);
  const record = parseDirectoryRecord(
    Uint8Array.from(field, (byte, at) => (at === 0 ? LENGTH : byte)),
    0,
    offset,
  );
  if (typeof record === "string") {
    faults.error(place(), offset, "ECMA-119 8.4.18", record);
    return;
  }
  if (!isSelf(record))
    faults.error(place(), offset + 32, "ECMA-119 8.4.18", "the root's identifier is the single byte 00");
  if (!isDirectory(record)) faults.error(place(), offset + 25, "ECMA-119 9.1.6", "the root is a directory");
  checkRecordFields(faults, record, place);
}
