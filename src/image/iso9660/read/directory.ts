import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { type DirectoryRecord, parseDirectoryRecord } from "./directory-record.js";
import { SECTOR } from "./volume-descriptor.js";

/** Told where a structure is damaged and which rule that breaks; the reader goes on behind it. */
export type OnDamage = (offset: number, rule: string) => void;

/**
 * The records of a directory, `.` and `..` included, in their order. A damaged record loses the rest of its sector.
 * Throws `ImageRefusal` when the extent lies outside the image, or when the budget is used up.
 */
export function readDirectoryRecords(
  input: ImageInput,
  start: number,
  size: number,
  budget: ReadBudget,
  onDamage?: OnDamage,
): DirectoryRecord[] {
  budget.hold(size, "directory");
  const bytes = input.read(start, size);
  const records: DirectoryRecord[] = [];
  for (let sector = 0; sector < size; sector += SECTOR) {
    budget.spend();
    const end = Math.min(sector + SECTOR, size);
    const here = bytes.subarray(sector, end);
    for (let at = 0; at < here.length && here[at] !== 0; ) {
      budget.spend();
      const record = parseDirectoryRecord(here, at, start + sector + at);
      if (typeof record === "string") {
        onDamage?.(start + sector + at, record);
        break;
      }
      records.push(record);
      at += record.bytes.length;
    }
  }
  return records;
}
