import type { ImageInput } from "../input/input.js";
import { isFilledWith } from "../input/integers.js";
import { isFatPartition, type Partition } from "../partition-table.js";
import type { FaultList } from "./fault.js";

const CLAUSE = "UEFI 5.2.1";

/** The master boot record around a FAT volume: one partition in use, its status, its type and its place. */
export function checkPartition(input: ImageInput, partition: Partition, faults: FaultList): void {
  const bytes = input.read(0, 512);
  const error = (at: number, rule: string) => faults.error("master boot record", at, CLAUSE, rule);
  if (partition.status !== 0 && partition.status !== 0x80)
    error(partition.entryOffset, "the status of a partition is 00 or 80");
  if (!isFatPartition(partition)) error(partition.entryOffset + 4, "the type of the partition is none of FAT's");
  for (let at = 446; at < 510; at += 16) {
    if (at !== partition.entryOffset && !isFilledWith(bytes, at, 16, 0))
      error(at, "the drive has one partition, the other entries are zero");
  }
  const end = partition.offset + partition.size;
  if (end < input.size && end + 1024 * 1024 < input.size) {
    faults.warning(
      "master boot record",
      partition.entryOffset + 12,
      CLAUSE,
      `${input.size - end} bytes stand behind the partition`,
    );
  }
}
