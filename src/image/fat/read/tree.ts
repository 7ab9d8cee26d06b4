import { uint16le } from "../../input/integers.js";
import { ImageRefusal } from "../../refusal.js";
import { safeName } from "../../safe-name.js";
import type { ImageEntry, ReadLimits } from "../../volume.js";
import { type FatVolume, readEntries } from "./directory.js";
import { ATTRIBUTE, type FatEntry, FREE, fatDate, isDot, isLongNamePart, isVolumeLabel } from "./directory-entry.js";
import { LongNameParts } from "./long-name.js";
import { shortName } from "./short-name.js";

/** A file or directory and its first cluster. */
export interface FoundEntry {
  readonly entry: ImageEntry;
  readonly cluster: number;
}

interface Directory {
  readonly path: string;
  readonly depth: number;
  readonly cluster: number;
}

/**
 * Everything below the root. A directory's first cluster is entered once only, so that a cycle ends.
 * Throws `ImageRefusal` for such an image and for one that is larger than the limits.
 */
export function walkFat(volume: FatVolume, limits: ReadLimits): FoundEntry[] {
  const inOrder: FoundEntry[] = [];
  const entered = new Set<number>([0, volume.geometry.rootCluster]);
  const pending: { found: FoundEntry; depth: number }[] = [];
  let count = 0;
  const enter = ({ path: above, depth, cluster }: Directory) => {
    if (depth > limits.depth) throw new ImageRefusal(above, `directories are at most ${limits.depth} deep`, depth);
    if (above.length > limits.path) {
      throw new ImageRefusal("image", `a path has at most ${limits.path} characters`, above.length);
    }
    const inside: FoundEntry[] = [];
    for (const { name, entry } of namedEntries(volume, cluster)) {
      if (++count > limits.entries) throw new ImageRefusal("image", "has more files than the limit", limits.entries);
      const path = above === "" ? name : `${above}/${name}`;
      inside.push({ entry: imageEntry(path, entry), cluster: entry.cluster });
    }
    for (let i = inside.length - 1; i >= 0; i--) pending.push({ found: inside[i]!, depth });
  };
  enter({ path: "", depth: 0, cluster: 0 });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { found, depth } = next;
    inOrder.push(found);
    if (found.entry.kind !== "directory") continue;
    const { path } = found.entry;
    if (entered.has(found.cluster)) {
      throw new ImageRefusal(path, "two entries lead to this directory's clusters", found.cluster);
    }
    entered.add(found.cluster);
    enter({ path, depth: depth + 1, cluster: found.cluster });
  }
  return inOrder;
}

/** Files and directories with the names by which they are shown: the long name where it is whole, else the short one. */
function* namedEntries(volume: FatVolume, cluster: number): Generator<{ name: string; entry: FatEntry }> {
  const parts = new LongNameParts();
  for (const entry of readEntries(volume, cluster)) {
    if (entry.bytes[0] === FREE) parts.clear();
    else if (isLongNamePart(entry.attributes)) parts.add(entry.bytes);
    else if (isVolumeLabel(entry.attributes)) parts.clear();
    else if (isDot(entry.bytes)) parts.clear();
    else yield { name: safeName(parts.take(entry.bytes) ?? shortName(entry.bytes)), entry };
  }
}

function imageEntry(path: string, { attributes, bytes, size }: FatEntry): ImageEntry {
  const directory = (attributes & ATTRIBUTE.directory) !== 0;
  const mtime = fatDate(uint16le(bytes, 24), uint16le(bytes, 22));
  const writable = (attributes & ATTRIBUTE.readOnly) === 0 ? 0o222 : 0;
  return {
    path,
    kind: directory ? "directory" : "file",
    size: directory ? 0 : size,
    mode: (directory ? 0o555 : 0o444) | writable,
    ...(mtime === undefined ? {} : { mtime }),
  };
}
