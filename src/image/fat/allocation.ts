import { putLittle16, putLittle32 } from "../number.js";
import type { FatType } from "./geometry.js";

/** The media byte of a fixed disk (FAT specification, BPB_Media); it stands in the first FAT entry too. */
export const MEDIA = 0xf8;
/** Clusters are numbered from 2. */
export const FIRST_CLUSTER = 2;

/** The value that ends a chain, all ones (FAT specification, "FAT"). */
const END_OF_CHAIN: Readonly<Record<FatType, number>> = { 12: 0xfff, 16: 0xffff, 32: 0x0fff_ffff };

/** Lengths in clusters of chains that follow each other without a gap, from cluster 2 on. */
export type Chains = readonly number[];

/**
 * The used part of a FAT: its two first entries and the chains; what follows is free, zero.
 * The second entry has all bits set: cleanly unmounted, no error found.
 */
export function allocationTable(type: FatType, chains: Chains): Uint8Array {
  const used = chains.reduce((sum, length) => sum + length, FIRST_CLUSTER);
  const table = new Uint8Array(Math.ceil((used * type) / 8));
  const put = type === 12 ? put12 : type === 16 ? put16 : put32;
  const end = END_OF_CHAIN[type];
  put(table, 0, (end & ~0xff) | MEDIA);
  put(table, 1, end);
  let cluster = FIRST_CLUSTER;
  for (const length of chains) {
    for (let left = length; left > 1; left--, cluster++) put(table, cluster, cluster + 1);
    if (length > 0) put(table, cluster++, end);
  }
  return table;
}

function put12(b: Uint8Array, cluster: number, value: number): void {
  const o = cluster + (cluster >> 1);
  if ((cluster & 1) === 0) {
    b[o] = value;
    b[o + 1] = (b[o + 1]! & 0xf0) | (value >> 8);
  } else {
    b[o] = (b[o]! & 0x0f) | ((value & 0x0f) << 4);
    b[o + 1] = value >> 4;
  }
}

function put16(b: Uint8Array, cluster: number, value: number): void {
  putLittle16(b, cluster * 2, value);
}

function put32(b: Uint8Array, cluster: number, value: number): void {
  putLittle32(b, cluster * 4, value);
}
