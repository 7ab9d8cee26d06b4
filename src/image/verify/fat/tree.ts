import { clusterOffset } from "../../fat/read/boot-sector.js";
import {
  ATTRIBUTE,
  END,
  ENTRY,
  FREE,
  isDot,
  isLongNamePart,
  isVolumeLabel,
  parseEntry,
} from "../../fat/read/directory-entry.js";
import { LongNameParts } from "../../fat/read/long-name.js";
import { shortName } from "../../fat/read/short-name.js";
import { isFilledWith } from "../../input/integers.js";
import { type CheckedFatDirectory, type FatCheck, type Slot, SPECIFICATION } from "./check.js";

/** How a directory is called in a fault. */
export function directoryPlace({ path }: CheckedFatDirectory): string {
  return path === "/" ? "root directory" : `directory ${path}`;
}

/** How an entry is called in a fault. */
export function entryPlace(directory: CheckedFatDirectory, name: string): string {
  return `entry ${directory.path === "/" ? "" : directory.path}/${name}`;
}

/** Reads every directory, claims its clusters, and checks the chains of files against their sizes. Ends, because no cluster is taken twice. */
export function readFatTree(check: FatCheck): CheckedFatDirectory[] {
  const root = readDirectory(check, "/", check.geometry.rootCluster, undefined, 0);
  const directories = [root];
  for (let i = 0; i < directories.length && i < check.limits.entries; i++) {
    const directory = directories[i]!;
    const parts = new LongNameParts();
    for (const { bytes, offset } of directory.slots) {
      if (isLongNamePart(bytes[11]!)) parts.add(bytes);
      if (isLongNamePart(bytes[11]!) || bytes[0] === FREE || isVolumeLabel(bytes[11]!) || isDot(bytes)) continue;
      const name = parts.take(bytes) ?? shortName(bytes);
      const entry = parseEntry(bytes, 0, offset, check.geometry.type);
      if ((entry.attributes & ATTRIBUTE.directory) === 0) {
        checkFile(check, () => entryPlace(directory, name), offset, entry.cluster, entry.size);
        continue;
      }
      const path = directory.path === "/" ? `/${name}` : `${directory.path}/${name}`;
      if (directory.depth >= check.limits.depth || path.length > check.limits.path) {
        check.faults.error("directory", offset, "readable", "it is too deep, or its path too long: not looked at");
        continue;
      }
      directories.push(readDirectory(check, path, entry.cluster, directory, offset));
    }
  }
  return directories;
}

function readDirectory(
  check: FatCheck,
  path: string,
  cluster: number,
  parent: CheckedFatDirectory | undefined,
  entryOffset: number,
): CheckedFatDirectory {
  const { input, geometry, clusters, faults } = check;
  const slots: Slot[] = [];
  let behindEnd: number | undefined;
  let ended = false;
  const take = (offset: number, length: number) => {
    check.budget.hold(length, "directory");
    const bytes = input.read(offset, length);
    for (let at = 0; at + ENTRY <= length; at += ENTRY) {
      check.budget.spend();
      ended ||= bytes[at] === END;
      if (!ended) slots.push({ offset: offset + at, bytes: bytes.subarray(at, at + ENTRY) });
      else if (!isFilledWith(bytes, at, ENTRY, 0)) behindEnd ??= offset + at;
    }
  };
  if (parent === undefined && cluster === 0) take(geometry.rootStart, geometry.rootEntries * ENTRY);
  else {
    const owner = () => (parent === undefined ? "root directory" : `directory ${path}`);
    for (const one of clusters.claim(cluster, owner, entryOffset + 26)) {
      const offset = clusterOffset(geometry, one);
      if (offset + geometry.clusterSize > input.size) {
        faults.error(owner(), entryOffset + 26, `${SPECIFICATION} "FAT"`, `cluster ${one} lies behind the image`);
        break;
      }
      take(offset, geometry.clusterSize);
    }
  }
  return { path, cluster, parent, depth: parent === undefined ? 0 : parent.depth + 1, slots, behindEnd };
}

function checkFile(check: FatCheck, place: () => string, offset: number, cluster: number, size: number): void {
  const { faults, geometry, clusters } = check;
  const clause = `${SPECIFICATION} DIR_FileSize, DIR_FstClusLO`;
  if (cluster === 0 || size === 0) {
    if (cluster !== 0 || size !== 0)
      faults.error(
        place(),
        offset + 26,
        clause,
        `an empty file has no cluster, this has ${size} bytes and cluster ${cluster}`,
      );
    if (cluster === 0) return;
  }
  const needed = Math.ceil(size / geometry.clusterSize);
  const found = clusters.claim(cluster, place, offset + 26).length;
  if (size > 0 && found !== needed) {
    faults.error(place(), offset + 28, clause, `${size} bytes take ${needed} clusters, its chain has ${found}`);
  }
}
