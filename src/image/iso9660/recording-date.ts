import { ImageRefusal } from "../refusal.js";

/** Bytes of a recording date and time (ECMA-119 9.1.5); Rock Ridge's TF uses the same form (RRIP 4.1.6). */
export const RECORDING_DATE_LENGTH = 7;

/** The years that the first byte reaches: 1900 + 0..255 (ECMA-119 9.1.5). */
const FIRST = Date.UTC(1900, 0, 1);
const AFTER_LAST = Date.UTC(2156, 0, 1);

/** @throws ImageRefusal when a recording date cannot say that time */
export function checkRecordingDate(time: number, field: string): void {
  if (time >= FIRST && time < AFTER_LAST) return;
  const value = Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
  throw new ImageRefusal(field, "must be from 1900 to 2155 (ECMA-119 9.1.5)", value);
}

/** Stores recording dates, UTC with zone 0. Entries of one drive mostly share one time, so the last one is kept. */
export class RecordingDates {
  #time = Number.NaN;
  readonly #bytes = new Uint8Array(RECORDING_DATE_LENGTH);

  /** @param time milliseconds since the epoch; parts of a second are dropped */
  put(b: Uint8Array, o: number, time: number): void {
    const bytes = this.#bytes;
    if (time !== this.#time) {
      const date = new Date(time);
      bytes[0] = date.getUTCFullYear() - 1900;
      bytes[1] = date.getUTCMonth() + 1;
      bytes[2] = date.getUTCDate();
      bytes[3] = date.getUTCHours();
      bytes[4] = date.getUTCMinutes();
      bytes[5] = date.getUTCSeconds();
      this.#time = time;
    }
    for (let i = 0; i < RECORDING_DATE_LENGTH; i++) b[o + i] = bytes[i]!;
  }
}
