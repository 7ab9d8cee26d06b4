import { uint16be, uint16le, uint32be, uint32le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";

/** Where a number stands: its structure's bytes, its place in them, and theirs in the image. */
export interface NumberPlace {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly offset: number;
}

/** Reports a 32-bit number whose two halves differ (ECMA-119 7.3.3); gives the little-endian one. */
export function bothEndian32(
  faults: FaultList,
  { bytes, at, offset }: NumberPlace,
  structure: () => string,
  clause: string,
  field: string,
): number {
  const little = uint32le(bytes, at);
  const big = uint32be(bytes, at + 4);
  if (little !== big)
    faults.error(structure(), offset + at, `${clause}, 7.3.3`, `${field}: ${little} little-endian, ${big} big-endian`);
  return little;
}

/** Reports a 16-bit number whose two halves differ (ECMA-119 7.2.3); gives the little-endian one. */
export function bothEndian16(
  faults: FaultList,
  { bytes, at, offset }: NumberPlace,
  structure: () => string,
  clause: string,
  field: string,
): number {
  const little = uint16le(bytes, at);
  const big = uint16be(bytes, at + 2);
  if (little !== big)
    faults.error(structure(), offset + at, `${clause}, 7.2.3`, `${field}: ${little} little-endian, ${big} big-endian`);
  return little;
}
