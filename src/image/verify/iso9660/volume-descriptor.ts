import { firstNonZero, uint16le, uint32be, uint32le } from "../../input/integers.js";
import { DESCRIPTOR, SECTOR, type VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";
import { descriptorPlace } from "./descriptor-set.js";
import { bothEndian16, bothEndian32 } from "./numbers.js";

/** The numbers and reserved bytes of a primary or supplementary descriptor (ECMA-119 8.4, 8.5). */
export function checkVolumeDescriptor(descriptor: VolumeDescriptor, imageSize: number, faults: FaultList): void {
  const { bytes, offset } = descriptor;
  const place = () => descriptorPlace(descriptor);
  const both16 = (at: number, clause: string, field: string) =>
    bothEndian16(faults, { bytes, at, offset }, place, clause, field);
  const space = bothEndian32(faults, { bytes, at: 80, offset }, place, "ECMA-119 8.4.8", "volume space size");
  if (both16(120, "ECMA-119 8.4.10", "volume set size") !== 1) {
    faults.error(place(), offset + 120, "ECMA-119 8.4.10", "the volume set is this volume alone: its size is 1");
  }
  if (both16(124, "ECMA-119 8.4.11", "volume sequence number") !== 1) {
    faults.error(place(), offset + 124, "ECMA-119 8.4.11", "the only volume of its set has sequence number 1");
  }
  const blockSize = both16(128, "ECMA-119 8.4.12", "logical block size");
  if (blockSize !== SECTOR) {
    faults.warning(
      place(),
      offset + 128,
      "ECMA-119 8.4.12",
      `blocks of ${blockSize} bytes: many readers take ${SECTOR} only`,
    );
  }
  bothEndian32(faults, { bytes, at: 132, offset }, place, "ECMA-119 8.4.13", "path table size");
  if (bytes[881] !== 1) {
    faults.error(place(), offset + 881, "ECMA-119 8.4.30", `the file structure version is 1, not ${bytes[881]}`);
  }
  checkReserved(descriptor, faults);
  checkSpace(space * blockSize, imageSize, offset, place, faults);
}

function checkReserved(descriptor: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset, type } = descriptor;
  const primary = type === DESCRIPTOR.primary;
  const zero = (at: number, length: number, clause: string, name: string) => {
    if (firstNonZero(bytes, at, at + length) >= 0) {
      faults.error(descriptorPlace(descriptor), offset + at, clause, `${name} is zero`);
    }
  };
  if (primary) zero(7, 1, "ECMA-119 8.4.4", "the unused byte 8");
  else if ((bytes[7]! & ~1) !== 0) {
    faults.error(descriptorPlace(descriptor), offset + 7, "ECMA-119 8.5.3", "volume flags have bit 0 only");
  } else if (bytes[7] !== 0) {
    faults.warning(
      descriptorPlace(descriptor),
      offset + 7,
      "ECMA-119 8.5.3",
      "Joliet's escape sequences are registered ones: bit 0 is clear",
    );
  }
  zero(72, 8, "ECMA-119 8.4.7", "the unused field of bytes 73 to 80");
  if (primary) zero(88, 32, "ECMA-119 8.4.9", "the unused field of bytes 89 to 120");
  zero(882, 1, "ECMA-119 8.4.31", "the reserved byte 883");
  zero(1395, SECTOR - 1395, "ECMA-119 8.4.33", "the reserved field from byte 1396 on");
}

function checkSpace(space: number, imageSize: number, offset: number, place: () => string, faults: FaultList): void {
  if (space > imageSize) {
    faults.error(
      place(),
      offset + 80,
      "ECMA-119 8.4.8",
      `the volume space of ${space} bytes ends behind the image of ${imageSize}`,
    );
  } else if (space < imageSize) {
    faults.warning(
      place(),
      offset + 80,
      "ECMA-119 8.4.8",
      `the image of ${imageSize} bytes goes on behind the volume space of ${space}`,
    );
  }
}

/** Where a descriptor says that its path tables are. */
export interface PathTablePlaces {
  readonly size: number;
  readonly little: number;
  readonly optionalLittle: number;
  readonly big: number;
  readonly optionalBig: number;
}

/** Reads the path table fields (ECMA-119 8.4.13 to 8.4.17): L in little-endian, M in big-endian order. */
export function pathTablePlaces({ bytes }: VolumeDescriptor): PathTablePlaces {
  return {
    size: uint32le(bytes, 132),
    little: uint32le(bytes, 140),
    optionalLittle: uint32le(bytes, 144),
    big: uint32be(bytes, 148),
    optionalBig: uint32be(bytes, 152),
  };
}

/** Blocks that a volume may use: what it states, but no more than the image has. */
export function usableBlocks(descriptor: VolumeDescriptor, imageSize: number): number {
  const blockSize = uint16le(descriptor.bytes, 128);
  return Math.min(uint32le(descriptor.bytes, 80), Math.floor(imageSize / blockSize));
}
