import { uint16be, uint16le, uint32be, uint32le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";

/** Where a number stands: its structure's bytes, its place in them, and theirs in the image. */
export interface NumberPlace {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly offset: number;
}

type Check = (faults: FaultList, place: NumberPlace, structure: () => string, clause: string, field: string) => number;

type Read = (bytes: Uint8Array, at: number) => number;

/** Reports a number that stands in both byte orders and whose two halves differ; gives the little-endian one. */
function bothEndian(width: number, readLittle: Read, readBig: Read, form: string): Check {
  return (faults, { bytes, at, offset }, structure, clause, field) => {
    const little = readLittle(bytes, at);
    const big = readBig(bytes, at + width);
    if (little !== big) {
      const found = `${field}: ${little} little-endian, ${big} big-endian`;
      faults.error(structure(), offset + at, `${clause}, ${form}`, found);
    }
    return little;
  };
}

/** Of 32 bits (ECMA-119 7.3.3). */
export const bothEndian32 = bothEndian(4, uint32le, uint32be, "7.3.3");

/** Of 16 bits (ECMA-119 7.2.3). */
export const bothEndian16 = bothEndian(2, uint16le, uint16be, "7.2.3");
