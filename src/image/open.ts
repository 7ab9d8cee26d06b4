import { looksLikeFat } from "./fat/read/boot-sector.js";
import { openFat } from "./fat/read/volume.js";
import { type ImageInput, windowInput } from "./input/input.js";
import { openIso9660 } from "./iso9660/read/volume.js";
import { looksLikeIso9660 } from "./iso9660/read/volume-descriptor.js";
import { isFatPartitionType, type Partition, readPartitions } from "./partition-table.js";
import { DEFAULT_READ_LIMITS, type ImageVolume, type NameSpace, type ReadLimits } from "./volume.js";

/** What an image holds, told by its first structures alone. */
export type DetectedImage =
  | { readonly kind: "iso9660" | "vfat" | "raw" }
  | { readonly kind: "vfat-in-partition"; readonly partition: Partition };

/** Tells ISO 9660, FAT, and FAT inside a partition of a master boot record; all else is raw. Never throws for what the bytes are. */
export function detectImage(input: ImageInput): DetectedImage {
  if (looksLikeIso9660(input)) return { kind: "iso9660" };
  if (looksLikeFat(input)) return { kind: "vfat" };
  for (const partition of readPartitions(input)) {
    if (isFatPartitionType(partition.type) && looksLikeFat(windowInput(input, partition.offset, partition.size))) {
      return { kind: "vfat-in-partition", partition };
    }
  }
  return { kind: "raw" };
}

export interface OpenOptions {
  /** Which names of an ISO 9660 image; unset: what Linux would show (Rock Ridge, then Joliet, then plain). */
  readonly nameSpace?: NameSpace;
  readonly limits?: ReadLimits;
}

/**
 * Opens an image, whoever made it, and reads its tree. Bytes of no known format open as a `raw` volume without entries.
 * No byte of the image is trusted: work and memory end at the limits. Throws `ImageRefusal` when it cannot be read.
 */
export function openImage(input: ImageInput, options: OpenOptions = {}): ImageVolume {
  const limits = options.limits ?? DEFAULT_READ_LIMITS;
  const detected = detectImage(input);
  switch (detected.kind) {
    case "iso9660":
      return openIso9660(input, limits, options.nameSpace);
    case "vfat":
      return openFat(input, limits);
    case "vfat-in-partition": {
      const { offset, size } = detected.partition;
      const volume = openFat(windowInput(input, offset, size), limits);
      return { ...volume, info: { ...volume.info, size: input.size, partition: { offset, size } } };
    }
    case "raw":
      return rawVolume(input);
  }
}

function rawVolume(input: ImageInput): ImageVolume {
  return {
    input,
    info: { format: "raw", variant: "raw", label: undefined, uuid: undefined, size: input.size, nameSpaces: [] },
    nameSpace: undefined,
    entries: [],
    ranges: () => [],
  };
}
