import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { readDirectoryRecords } from "../../iso9660/read/directory.js";
import { type DirectoryRecord, isDirectory, isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { jolietName, plainName } from "../../iso9660/read/names.js";
import { type DirectoryTreeRoot, SECTOR } from "../../iso9660/read/volume-descriptor.js";
import type { ReadLimits } from "../../volume.js";
import type { FaultList } from "../fault.js";

export type TreeName = "primary" | "Joliet";

/** One directory with its records as they stand. */
export interface CheckedDirectory {
  /** `/` for the root, else `/a/b`, in the tree's own names. */
  readonly path: string;
  readonly identifier: Uint8Array;
  readonly block: number;
  readonly size: number;
  /** The record that leads here; `undefined` for the root. */
  readonly record: DirectoryRecord | undefined;
  readonly parent: CheckedDirectory | undefined;
  /** Directories above it. */
  readonly depth: number;
  readonly records: readonly DirectoryRecord[];
}

/** One directory tree, level by level: the order of its path tables but for the order inside a level. */
export interface CheckedTree {
  readonly name: TreeName;
  readonly root: DirectoryTreeRoot;
  readonly directories: readonly CheckedDirectory[];
}

/** What every check of an ISO 9660 image may use. */
export interface IsoCheck {
  readonly input: ImageInput;
  readonly faults: FaultList;
  readonly budget: ReadBudget;
  readonly limits: ReadLimits;
  /** Blocks that the volume may use: the smaller of what it states and what the image has. */
  readonly volumeBlocks: number;
}

/** How a directory is called in a fault. */
export function directoryPlace(tree: TreeName, path: string): string {
  return `directory ${path} (${tree})`;
}

/** How a record is called in a fault. */
export function recordPlace(tree: TreeName, directory: CheckedDirectory, record: DirectoryRecord): string {
  return `record ${recordPath(tree, directory, record)} (${tree})`;
}

/** The path of what a record describes, in the tree's own names. */
export function recordPath(tree: TreeName, directory: CheckedDirectory, record: DirectoryRecord): string {
  const name = isSelf(record)
    ? "."
    : isParent(record)
      ? ".."
      : tree === "Joliet"
        ? jolietName(record.identifier)
        : plainName(record.identifier);
  return directory.path === "/" ? `/${name}` : `${directory.path}/${name}`;
}

/**
 * Reads every directory of a tree; reports what cannot be read and extents that two records lead to, and goes on with the rest.
 * Nothing is entered twice, so that it ends.
 */
export function readCheckedTree(check: IsoCheck, name: TreeName, root: DirectoryTreeRoot): CheckedTree {
  const directories: CheckedDirectory[] = [];
  const entered = new Set<number>([root.rootExtent]);
  const first = readOne(check, name, root, {
    path: "/",
    identifier: Uint8Array.of(0),
    block: root.rootExtent,
    size: root.rootSize,
    record: undefined,
    parent: undefined,
    depth: 0,
  });
  if (first !== undefined) directories.push(first);
  for (let i = 0; i < directories.length && directories.length <= check.limits.entries; i++) {
    const directory = directories[i]!;
    for (const record of directory.records) {
      if (!isDirectory(record) || isSelf(record) || isParent(record)) continue;
      if (entered.has(record.extent)) {
        const place = recordPlace(name, directory, record);
        check.faults.error(place, record.offset + 2, "ECMA-119 6.8", "another record leads to the same directory");
        continue;
      }
      entered.add(record.extent);
      const child = readOne(check, name, root, {
        path: recordPath(name, directory, record),
        identifier: record.identifier,
        block: record.extent,
        size: record.size,
        record,
        parent: directory,
        depth: directory.depth + 1,
      });
      if (child !== undefined) directories.push(child);
    }
  }
  return { name, root, directories };
}

function readOne(
  { input, faults, budget, limits, volumeBlocks }: IsoCheck,
  tree: TreeName,
  { blockSize }: DirectoryTreeRoot,
  directory: Omit<CheckedDirectory, "records">,
): CheckedDirectory | undefined {
  const { block, size, path, depth, record } = directory;
  const start = block * blockSize;
  const at = record === undefined ? start : record.offset + 2;
  if (depth > limits.depth || path.length > limits.path) {
    faults.error(`directory (${tree})`, at, "readable", `it is ${depth} deep, or its path too long: not looked at`);
    return undefined;
  }
  const place = directoryPlace(tree, path);
  if (start + size > volumeBlocks * blockSize) {
    faults.error(place, at, "ECMA-119 9.1.3", `its extent (block ${block}, ${size} bytes) lies outside the volume`);
    return undefined;
  }
  if (size === 0 || size % SECTOR !== 0) {
    faults.error(
      place,
      at,
      "ECMA-119 6.8.1.3",
      `a directory is whole sectors of ${SECTOR} bytes, this one has ${size} bytes`,
    );
  }
  const records = readDirectoryRecords(input, start, size, budget, (offset, rule) =>
    faults.error(place, offset, "ECMA-119 9.1.1", rule),
  );
  return { ...directory, records };
}
