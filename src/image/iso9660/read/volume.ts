import { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { isFilledWith, latin1 } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";
import { safeText } from "../../safe-name.js";
import type { DataRange, ImageEntry, ImageVolume, NameSpace, ReadLimits } from "../../volume.js";
import { readDirectoryRecords } from "./directory.js";
import { isSelf } from "./directory-record.js";
import { readSystemUse, type SystemUseEntry } from "./system-use.js";
import { walkTree } from "./tree.js";
import {
  type DirectoryTreeRoot,
  jolietDescriptor,
  primaryDescriptor,
  readDescriptorSet,
  SECTOR,
  treeRoot,
  type VolumeDescriptor,
} from "./volume-descriptor.js";

/**
 * Opens an ISO 9660 image: plain, Joliet or Rock Ridge; unless one is asked for, the name space that Linux would take
 * (Rock Ridge, then Joliet, then plain). Throws `ImageRefusal` when it has not the one asked for, or cannot be read.
 */
export function openIso9660(input: ImageInput, limits: ReadLimits, asked?: NameSpace): ImageVolume {
  const budget = new ReadBudget(limits);
  const set = readDescriptorSet(input, budget);
  const primary = primaryDescriptor(set);
  const joliet = jolietDescriptor(set);
  const primaryRoot = treeRoot(primary);
  const skip = rockRidgeSkip(input, primaryRoot, budget);
  const nameSpaces: NameSpace[] = ["iso9660"];
  if (joliet !== undefined) nameSpaces.unshift("joliet");
  if (skip !== undefined) nameSpaces.unshift("rock-ridge");
  const nameSpace = asked ?? nameSpaces[0]!;
  if (nameSpace === "vfat" || !nameSpaces.includes(nameSpace)) {
    throw new ImageRefusal("name space", `this image has ${nameSpaces.join(", ")}`, nameSpace);
  }
  const root = nameSpace === "joliet" && joliet !== undefined ? treeRoot(joliet) : primaryRoot;
  const located = walkTree({ input, root, nameSpace, skip: skip ?? 0, limits, budget });
  const ranges = new Map<ImageEntry, readonly DataRange[]>(located.map((one) => [one.entry, one.ranges]));
  return {
    input,
    info: {
      format: "iso9660",
      variant: "ISO 9660",
      label: volumeLabel(primary, joliet),
      uuid: volumeUuid(primary),
      size: input.size,
      nameSpaces,
    },
    nameSpace,
    entries: located.map((one) => one.entry),
    ranges: (entry) => ranges.get(entry) ?? [],
  };
}

/** SP's LEN_SKP when the root directory says that the image has Rock Ridge: SP (SUSP 5.3) and an entry that only RRIP defines. */
function rockRidgeSkip(input: ImageInput, root: DirectoryTreeRoot, budget: ReadBudget): number | undefined {
  const start = root.rootExtent * root.blockSize;
  if (start + SECTOR > input.size) return undefined;
  const [self] = readDirectoryRecords(input, start, SECTOR, budget);
  if (self === undefined || !isSelf(self)) return undefined;
  const entries = readSystemUse(input, self, 0, root.blockSize, budget);
  const sp = entries.find(isSharingIndicator);
  if (sp === undefined || !entries.some(({ signature }) => signature === "PX" || signature === "RR")) return undefined;
  return sp.bytes[6]!;
}

/** SP with its check bytes BE EF (SUSP 5.3). */
function isSharingIndicator({ signature, bytes }: SystemUseEntry): boolean {
  return signature === "SP" && bytes.length >= 7 && bytes[4] === 0xbe && bytes[5] === 0xef;
}

const utf16be = new TextDecoder("utf-16be");

/** The label as blkid takes it: Joliet's volume identifier where it says more than the primary's, which is upper-cased or cut. */
function volumeLabel(primary: VolumeDescriptor, joliet: VolumeDescriptor | undefined): string | undefined {
  const plain = unpadded(latin1(primary.bytes, 40, 32));
  const unicode = joliet === undefined ? plain : unpadded(utf16be.decode(joliet.bytes.subarray(40, 72)));
  const label = unicode === "" ? plain : unicode;
  return label === "" ? undefined : safeText(label);
}

/** Without the spaces or zeros that fill a field. */
function unpadded(field: string): string {
  const end = field.indexOf("\0");
  return (end < 0 ? field : field.slice(0, end)).trimEnd();
}

/** The modification date, or the creation date when that is unset, as `yyyy-mm-dd-hh-mm-ss-cc`: what blkid shows for ISO 9660. */
function volumeUuid({ bytes }: VolumeDescriptor): string | undefined {
  const at = [830, 813].find((field) => !isFilledWith(bytes, field, 16, 0x30) && !isFilledWith(bytes, field, 16, 0));
  const digits = at === undefined ? "" : latin1(bytes, at, 16);
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits);
  return parts === null ? undefined : parts.slice(1).join("-");
}
