import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { uint16le, uint32le } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";

/** Bytes of a logical sector (ECMA-119 6.1.2) and of every volume descriptor (8.1). */
export const SECTOR = 2048;
/** The volume descriptor set begins behind the system area of 16 sectors (ECMA-119 6.2.1, 6.3). */
export const FIRST_DESCRIPTOR = 16 * SECTOR;
/** A set is one to five descriptors in practice; one without an end is not followed further than this. */
const MOST_DESCRIPTORS = 64;

/** Volume descriptor types, ECMA-119 8.1.1. */
export const DESCRIPTOR = { boot: 0, primary: 1, supplementary: 2, partition: 3, terminator: 255 } as const;

/** A volume descriptor as it stands; `bytes` are all its 2048. */
export interface VolumeDescriptor {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly type: number;
}

/** What a reader needs of a primary or supplementary descriptor (ECMA-119 8.4, 8.5). */
export interface DirectoryTreeRoot {
  readonly descriptor: VolumeDescriptor;
  readonly blockSize: number;
  readonly rootExtent: number;
  readonly rootSize: number;
}

/** Whether the image has `CD001` where a volume descriptor set begins. */
export function looksLikeIso9660(input: ImageInput): boolean {
  return input.size >= FIRST_DESCRIPTOR + SECTOR && hasStandardIdentifier(input.read(FIRST_DESCRIPTOR, 7));
}

/** The descriptors up to the terminator, that one included where there is one. */
export function readDescriptorSet(input: ImageInput, budget: ReadBudget): VolumeDescriptor[] {
  const set: VolumeDescriptor[] = [];
  for (
    let offset = FIRST_DESCRIPTOR;
    offset + SECTOR <= input.size && set.length < MOST_DESCRIPTORS;
    offset += SECTOR
  ) {
    budget.spend();
    const bytes = input.read(offset, SECTOR);
    if (!hasStandardIdentifier(bytes)) break;
    const type = bytes[0]!;
    set.push({ offset, bytes, type });
    if (type === DESCRIPTOR.terminator) break;
  }
  return set;
}

/** The first primary descriptor. Throws `ImageRefusal` when there is none. */
export function primaryDescriptor(set: readonly VolumeDescriptor[]): VolumeDescriptor {
  const primary = set.find((descriptor) => descriptor.type === DESCRIPTOR.primary);
  if (primary === undefined) {
    throw new ImageRefusal(
      `byte ${FIRST_DESCRIPTOR}`,
      "an ISO 9660 image has a primary volume descriptor (ECMA-119 8.4)",
    );
  }
  return primary;
}

/** The first supplementary descriptor with an escape sequence of Joliet (UCS-2 level 1, 2 or 3), if any. */
export function jolietDescriptor(set: readonly VolumeDescriptor[]): VolumeDescriptor | undefined {
  return set.find(isJoliet);
}

/** A supplementary descriptor of version 1 with an escape sequence of Joliet. */
export function isJoliet({ bytes, type }: VolumeDescriptor): boolean {
  return type === DESCRIPTOR.supplementary && bytes[6] !== 2 && hasJolietEscape(bytes);
}

/** `%/@`, `%/C` or `%/E` in the escape sequences: UCS-2 level 1, 2 or 3 (ECMA-119 8.5.6; Joliet). */
export function hasJolietEscape(bytes: Uint8Array): boolean {
  return bytes[88] === 0x25 && bytes[89] === 0x2f && (bytes[90] === 0x40 || bytes[90] === 0x43 || bytes[90] === 0x45);
}

/**
 * Where a descriptor's directory tree begins. Throws `ImageRefusal` when the logical block size is none that ECMA-119 6.2.2
 * allows: no extent could be found then.
 */
export function treeRoot(descriptor: VolumeDescriptor): DirectoryTreeRoot {
  const { bytes, offset } = descriptor;
  const blockSize = uint16le(bytes, 128);
  if (blockSize !== 512 && blockSize !== 1024 && blockSize !== 2048) {
    throw new ImageRefusal(
      `byte ${offset + 128}`,
      "a logical block is 512, 1024 or 2048 bytes (ECMA-119 6.2.2)",
      blockSize,
    );
  }
  return { descriptor, blockSize, rootExtent: uint32le(bytes, 158), rootSize: uint32le(bytes, 166) };
}

function hasStandardIdentifier(bytes: Uint8Array): boolean {
  return bytes[1] === 0x43 && bytes[2] === 0x44 && bytes[3] === 0x30 && bytes[4] === 0x30 && bytes[5] === 0x31;
}
