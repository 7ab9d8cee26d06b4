import { ImageRefusal } from "../refusal.js";

/** The date word counts years from 1980 in 7 bits (FAT specification, "Date and Time Formats"). */
const FIRST = Date.UTC(1980, 0, 1);
const AFTER_LAST = Date.UTC(2108, 0, 1);

/** A time as the FAT specification records it. It names no zone: here it is always UTC. */
export interface FatDate {
  readonly date: number;
  /** In steps of two seconds. */
  readonly time: number;
  /** Hundredths of a second beyond `time`, 0 to 199 (DIR_CrtTimeTenth). */
  readonly hundredths: number;
}

/** @throws ImageRefusal when FAT cannot say that time */
export function fatDateOf(time: number, field: string): FatDate {
  if (!(time >= FIRST && time < AFTER_LAST)) {
    const value = Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
    throw new ImageRefusal(field, "must be from 1980 to 2107 (FAT, DIR_WrtDate)", value);
  }
  const at = new Date(time);
  const seconds = at.getUTCSeconds();
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (seconds >> 1),
    hundredths: (seconds & 1) * 100 + Math.floor(at.getUTCMilliseconds() / 10),
  };
}
