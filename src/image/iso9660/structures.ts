import type { Extent } from "../plan.js";
import { fromBytes } from "../tree.js";
import { SECTOR, SYSTEM_AREA_SECTORS, sectorsFor } from "./sector.js";

/** Where one structure stands. */
export interface Place {
  /** First sector, in the image. */
  readonly sector: number;
  /** First byte, in the buffer of all structures. */
  readonly start: number;
}

/** Structures with no gap between them: from byte `start` of the buffer to byte `end`. */
interface Stretch extends Place {
  end: number;
}

/**
 * All that is not file data, from the end of the system area on. In the image each structure begins a sector; in memory one stands
 * directly behind the other, since most directories fill a small part of one sector. The rest of it is zero: a gap of the plan.
 */
export class Structures {
  readonly #stretches: Stretch[] = [];
  #nextSector = SYSTEM_AREA_SECTORS;
  #length = 0;

  /** The first sector behind them. */
  get endSector(): number {
    return this.#nextSector;
  }

  /** Gives a structure of that many bytes its place. */
  take(length: number): Place {
    const place = { sector: this.#nextSector, start: this.#length };
    this.#nextSector += sectorsFor(length);
    this.#length += length;
    const last = this.#stretches.at(-1);
    const followsWholeSectors = last !== undefined && (place.start - last.start) % SECTOR === 0;
    if (followsWholeSectors) last.end = this.#length;
    else this.#stretches.push({ ...place, end: this.#length });
    return place;
  }

  /** A buffer for all of them, zero. */
  allocate(): Buffer {
    return Buffer.alloc(this.#length);
  }

  /** Their parts of the image, whose bytes stand in that buffer. */
  extents(buffer: Buffer): Extent[] {
    return this.#stretches.map(({ sector, start, end }) => ({
      offset: sector * SECTOR,
      data: fromBytes(buffer.subarray(start, end)),
    }));
  }
}
