import { uint16le } from "../../input/integers.js";
import { shortNameChecksum } from "./short-name.js";

/** Set in the sequence number of the part that stands first in the directory and holds the name's end (LAST_LONG_ENTRY). */
export const LAST_PART = 0x40;
/** Where the 13 UTF-16 units of one part stand. */
export const UNIT_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
/** 255 units in parts of 13. */
export const MOST_PARTS = 20;

/** Gathers the parts of a long name as they pass, and gives the name to the short entry to which it belongs. */
export class LongNameParts {
  #parts: Uint8Array[] = [];
  #expected = 0;

  /** Takes one part; one out of sequence drops what came before. */
  add(part: Uint8Array): void {
    const order = part[0]! & 0x3f;
    const isLast = (part[0]! & LAST_PART) !== 0;
    const fits = isLast || (order === this.#expected && this.#parts[0]?.[13] === part[13]);
    if (isLast || !fits) this.clear();
    if (!fits || order < 1 || order > MOST_PARTS) return;
    this.#parts.push(part);
    this.#expected = order - 1;
  }

  clear(): void {
    this.#parts = [];
    this.#expected = 0;
  }

  /** The name for this short entry, or `undefined` when no whole name with its checksum came before it. Starts anew. */
  take(shortEntry: Uint8Array): string | undefined {
    const parts = this.#parts;
    const whole = parts.length > 0 && this.#expected === 0 && parts[0]![13] === shortNameChecksum(shortEntry);
    this.clear();
    return whole ? longName(parts) : undefined;
  }
}

/** The text of a whole name's parts, given in the order of the directory: the last part first. Lone surrogates are replaced. */
export function longName(parts: readonly Uint8Array[]): string {
  let text = "";
  for (let i = parts.length - 1; i >= 0; i--) {
    for (const at of UNIT_OFFSETS) {
      const unit = uint16le(parts[i]!, at);
      if (unit === 0) return text.toWellFormed();
      text += String.fromCharCode(unit);
    }
  }
  return text.toWellFormed();
}
