import { SECTOR } from "./sector.js";

/**
 * Places things one behind the other, none across the end of a sector. So stand directory records (ECMA-119 6.8.1.1)
 * and continuation areas (SUSP 5.1; Linux refuses others, fs/isofs/rock.c).
 */
export class SectorPacking {
  /** Behind the last thing placed. */
  end = 0;

  /** @returns where a thing of that length stands */
  place(length: number): number {
    const left = SECTOR - (this.end % SECTOR);
    const at = length <= left ? this.end : this.end + left;
    this.end = at + length;
    return at;
  }
}
