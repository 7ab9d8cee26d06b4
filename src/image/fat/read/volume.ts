import { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { uint32le } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";
import { safeText } from "../../safe-name.js";
import type { DataRange, ImageEntry, ImageVolume, ReadLimits } from "../../volume.js";
import { followChain, readTable } from "./allocation.js";
import { clusterOffset, type FatGeometry, readGeometry } from "./boot-sector.js";
import { type FatVolume, readEntries } from "./directory.js";
import { FREE, isVolumeLabel } from "./directory-entry.js";
import { walkFat } from "./tree.js";

/** Opens a FAT12, FAT16 or FAT32 volume. Throws `ImageRefusal` when it cannot be read. */
export function openFat(input: ImageInput, limits: ReadLimits): ImageVolume {
  const budget = new ReadBudget(limits);
  const geometry = readGeometry(input);
  const volume: FatVolume = { input, geometry, table: readTable(input, geometry, 0, budget), budget };
  const found = walkFat(volume, limits);
  const clusters = new Map<ImageEntry, number>(found.map((one) => [one.entry, one.cluster]));
  return {
    input,
    info: {
      format: "vfat",
      variant: `FAT${geometry.type}`,
      label: rootLabel(volume),
      uuid: serialNumber(geometry),
      size: input.size,
      nameSpaces: ["vfat"],
    },
    nameSpace: "vfat",
    entries: found.map((one) => one.entry),
    ranges: (entry) => fileRanges(volume, clusters.get(entry) ?? 0, entry),
  };
}

/** The bytes of a file, neighbouring clusters joined. Throws `ImageRefusal` when its chain ends before its size. */
function* fileRanges(volume: FatVolume, first: number, { size, path }: ImageEntry): Generator<DataRange> {
  if (size === 0) return;
  const { geometry, table } = volume;
  const { clusterSize } = geometry;
  const budget = new ReadBudget({ steps: geometry.clusters + 1, structureBytes: 0 });
  let left = size;
  let run: { offset: number; length: number } | undefined;
  for (const cluster of followChain(table, geometry, first, Math.ceil(size / clusterSize), budget)) {
    const offset = clusterOffset(geometry, cluster);
    const length = Math.min(left, clusterSize);
    if (run !== undefined && run.offset + run.length === offset) run.length += length;
    else {
      if (run !== undefined) yield run;
      run = { offset, length };
    }
    left -= length;
  }
  if (run !== undefined) yield run;
  if (left > 0) throw new ImageRefusal(path, `its clusters hold ${size - left} bytes of the size that it states`, size);
}

/** The label as blkid takes it for LABEL: the root directory's entry. */
function rootLabel(volume: FatVolume): string | undefined {
  for (const { bytes, attributes } of readEntries(volume, 0)) {
    if (bytes[0] !== FREE && isVolumeLabel(attributes)) return labelText(bytes.subarray(0, 11));
  }
  return undefined;
}

/** The 11 bytes of a label without the spaces that fill them; `undefined` where nothing is left. */
function labelText(field: Uint8Array): string | undefined {
  const text = new TextDecoder("utf-8").decode(field).trimEnd();
  return text === "" || text === "NO NAME" ? undefined : safeText(text);
}

/** The volume serial number as blkid shows it: `XXXX-XXXX`; `undefined` without an extended boot signature (28 or 29). */
function serialNumber({ bytes, extendedRecord }: FatGeometry): string | undefined {
  const signature = bytes[extendedRecord + 2];
  if (signature !== 0x28 && signature !== 0x29) return undefined;
  const hex = uint32le(bytes, extendedRecord + 3)
    .toString(16)
    .toUpperCase()
    .padStart(8, "0");
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}
