import type { FaultList } from "../fault.js";
import { type CheckedFatDirectory, type Slot, SPECIFICATION } from "./check.js";

const CLAUSE = `${SPECIFICATION} DIR_Name`;
const FORBIDDEN = '"*+,./:;<=>?[\\]|';

/** Characters of a short name: no control characters, no lower case, none of the forbidden signs; spaces only fill up. */
export function checkShortName(faults: FaultList, { bytes, offset }: Slot, place: () => string): void {
  if (bytes[0] === 0x20) faults.error(place(), offset, CLAUSE, "a short name does not begin with a space");
  for (let at = 0; at < 11; at++) {
    const byte = bytes[at]!;
    if (at === 0 && byte === 0x05) continue;
    const lower = byte >= 0x61 && byte <= 0x7a;
    if (byte >= 0x20 && byte !== 0x7f && !lower && !FORBIDDEN.includes(String.fromCharCode(byte))) continue;
    faults.error(place(), offset + at, CLAUSE, `a short name has no byte 0x${byte.toString(16).padStart(2, "0")}`);
    return;
  }
}

/** Finds short names that come twice in one directory. */
export class ShortNames {
  readonly #seen = new Set<string>();

  check(faults: FaultList, directory: CheckedFatDirectory, { bytes, offset }: Slot): void {
    const name = String.fromCharCode(...bytes.subarray(0, 11));
    if (this.#seen.has(name)) {
      faults.error(
        `directory ${directory.path}`,
        offset,
        CLAUSE,
        `the short name ${JSON.stringify(name)} is there twice`,
      );
    }
    this.#seen.add(name);
  }
}
