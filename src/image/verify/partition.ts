import type { ImageInput } from "../input/input.js";
import { isFilledWith, uint16le, uint32le } from "../input/integers.js";
import { isFatPartitionType } from "../partition-table.js";
import type { FaultList } from "./fault.js";

const CLAUSE = "UEFI 5.2.1";
const TABLE = 446;
const ENTRY = 16;
/** Windows leaves up to a cylinder, tools up to a mebibyte. */
const SPARE = 1024 * 1024;

/** The master boot record around a FAT volume that begins at `start`: one partition, its status, type and place, and 55 AA. */
export function checkPartition(input: ImageInput, start: number, faults: FaultList): void {
  const bytes = input.read(0, 512);
  const error = (at: number, rule: string) => faults.error("master boot record", at, CLAUSE, rule);
  const entries = [0, 1, 2, 3].map((index) => TABLE + ENTRY * index);
  const entry = entries.find((at) => uint32le(bytes, at + 8) * 512 === start) ?? TABLE;
  if (uint16le(bytes, 510) !== 0xaa55) error(510, "bytes 510 and 511 are 55 AA");
  if ((bytes[entry]! & 0x7f) !== 0) error(entry, "the status of a partition is 00 or 80");
  if (!isFatPartitionType(bytes[entry + 4]!)) error(entry + 4, "the type of the partition is none of FAT's");
  const first = uint32le(bytes, entry + 8) * 512;
  if (first !== start) error(entry + 8, `the FAT volume begins at byte ${start}, the partition at ${first}`);
  const end = first + uint32le(bytes, entry + 12) * 512;
  if (end > input.size) error(entry + 12, `the partition ends at byte ${end}, the image at ${input.size}`);
  else if (end + SPARE < input.size) {
    faults.warning("master boot record", entry + 12, CLAUSE, `${input.size - end} bytes stand behind the partition`);
  }
  for (const at of entries) {
    if (at !== entry && !isFilledWith(bytes, at, ENTRY, 0))
      error(at, "the drive has one partition, the other entries are zero");
  }
}
