/** Logical sector and logical block of every image written here, bytes (ECMA-119 6.1.2, 6.2.2). */
export const SECTOR = 2048;

/** Sectors 0 to 15 are the system area: not ours, zero (ECMA-119 6.2.1). */
export const SYSTEM_AREA_SECTORS = 16;

/** How many sectors hold that many bytes. */
export function sectorsFor(bytes: number): number {
  return Math.ceil(bytes / SECTOR);
}
