import { putLittle16 } from "../number.js";
import { ATTRIBUTE, ENTRY } from "./read/directory-entry.js";
import { LAST_PART, UNIT_OFFSETS } from "./read/long-name.js";

/** UTF-16 units of a long name (FAT specification, "Long Directory Entries"). */
export const MAX_LONG_NAME = 255;
/** Outside the long name's character set; control characters are refused for every image. */
const FORBIDDEN = /["*/:<>?\\|]/;

const ATTRIBUTES = ATTRIBUTE.readOnly | ATTRIBUTE.hidden | ATTRIBUTE.system | ATTRIBUTE.volumeLabel;

/** @returns the rule that a name breaks */
export function longNameRule(name: string): string | undefined {
  if (name.length > MAX_LONG_NAME) return `each part must have at most ${MAX_LONG_NAME} UTF-16 units (FAT, long name)`;
  if (FORBIDDEN.test(name)) return 'must not hold any of " * : < > ? \\ | (FAT, long name)';
  return undefined;
}

/** Directory entries that a long name takes, its short one not counted. */
export function longNameEntries(name: string): number {
  return Math.ceil(name.length / UNIT_OFFSETS.length);
}

/** Stores a long name as its entries stand: the last part first. @returns the offset behind them */
export function putLongName(b: Uint8Array, o: number, name: string, checksum: number): number {
  const parts = longNameEntries(name);
  for (let part = parts; part >= 1; part--, o += ENTRY) {
    b[o] = part === parts ? part | LAST_PART : part;
    b[o + 11] = ATTRIBUTES;
    b[o + 13] = checksum;
    for (const [i, at] of UNIT_OFFSETS.entries()) {
      const index = (part - 1) * UNIT_OFFSETS.length + i;
      // A name that does not fill its last part ends with 0000; FFFF follows.
      const unit = index < name.length ? name.charCodeAt(index) : index === name.length ? 0 : 0xffff;
      putLittle16(b, o + at, unit);
    }
  }
  return o;
}
