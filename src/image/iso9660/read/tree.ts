import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { ImageRefusal } from "../../refusal.js";
import { safeName } from "../../safe-name.js";
import type { DataRange, EntryKind, ImageEntry, NameSpace, ReadLimits } from "../../volume.js";
import { recordDate } from "./dates.js";
import { readDirectoryRecords } from "./directory.js";
import { type DirectoryRecord, FLAG, isDirectory, isParent, isSelf } from "./directory-record.js";
import { jolietName, plainName } from "./names.js";
import { kindOfMode, type RockRidge, rockRidge } from "./rock-ridge.js";
import { readSystemUse } from "./system-use.js";
import type { DirectoryTreeRoot } from "./volume-descriptor.js";

/** What a walk needs to know. */
export interface TreeWalk {
  readonly input: ImageInput;
  readonly root: DirectoryTreeRoot;
  readonly nameSpace: Exclude<NameSpace, "vfat">;
  /** SP's LEN_SKP; only for Rock Ridge. */
  readonly skip: number;
  readonly limits: ReadLimits;
  readonly budget: ReadBudget;
}

/** An entry together with where its bytes lie. */
export interface LocatedEntry {
  readonly entry: ImageEntry;
  readonly ranges: readonly DataRange[];
}

interface Directory {
  readonly path: string;
  readonly depth: number;
  readonly block: number;
  readonly size: number;
}

/** What one record describes; `directory` is set when something may be below it. */
interface Found extends LocatedEntry {
  readonly directory?: Directory;
}

/**
 * Everything below the root of one directory tree, in one name space. A directory extent is entered once only: a second record
 * that leads there is an error in any standard and would let a small image describe an endless tree.
 * Throws `ImageRefusal` for such an image and for one that is larger than the limits.
 */
export function walkTree(walk: TreeWalk): LocatedEntry[] {
  const { root, limits } = walk;
  const inOrder: LocatedEntry[] = [];
  const entered = new Set<number>();
  const pending: Found[] = [];
  let count = 0;
  const enter = (directory: Directory) => {
    if (entered.has(directory.block)) {
      throw new ImageRefusal(directory.path || "/", "two records lead to this directory's extent", directory.block);
    }
    entered.add(directory.block);
    if (directory.depth > limits.depth) {
      throw new ImageRefusal(directory.path, `directories are at most ${limits.depth} deep`, directory.depth);
    }
    const inside: Found[] = [];
    if (directory.path.length > limits.path) {
      throw new ImageRefusal("image", `a path has at most ${limits.path} characters`, directory.path.length);
    }
    for (const group of recordGroups(walk, directory)) {
      const found = locate(walk, directory, group);
      if (found === undefined) continue;
      if (++count > limits.entries) throw new ImageRefusal("image", "has more files than the limit", limits.entries);
      inside.push(found);
    }
    for (let i = inside.length - 1; i >= 0; i--) pending.push(inside[i]!);
  };
  enter({ path: "", depth: 0, block: root.rootExtent, size: root.rootSize });
  for (let found = pending.pop(); found !== undefined; found = pending.pop()) {
    inOrder.push(found);
    if (found.directory !== undefined) enter(found.directory);
  }
  return inOrder;
}

/** A directory's records without `.`, `..` and associated files; the parts of one file (ECMA-119 6.5.1) together. */
function* recordGroups(walk: TreeWalk, { block, size }: Directory): Generator<DirectoryRecord[]> {
  const { input, root, budget } = walk;
  let parts: DirectoryRecord[] = [];
  for (const record of readDirectoryRecords(input, block * root.blockSize, size, budget)) {
    if (isSelf(record) || isParent(record) || (record.flags & FLAG.associated) !== 0) continue;
    parts.push(record);
    if ((record.flags & FLAG.multiExtent) !== 0) continue;
    yield parts;
    parts = [];
  }
  if (parts.length > 0) yield parts;
}

function locate(walk: TreeWalk, directory: Directory, group: readonly DirectoryRecord[]): Found | undefined {
  const { input, root, nameSpace, skip, budget } = walk;
  const record = group[0]!;
  const rock =
    nameSpace === "rock-ridge" ? rockRidge(readSystemUse(input, record, skip, root.blockSize, budget)) : undefined;
  if (rock?.relocated) return undefined;
  const plain = nameSpace === "joliet" ? jolietName(record.identifier) : plainName(record.identifier);
  const name = safeName(rock?.name ?? (nameSpace === "rock-ridge" ? plain.toLowerCase() : plain));
  const path = directory.path === "" ? name : `${directory.path}/${name}`;
  const kind = kindOf(record, rock);
  const attributes = { path, ...metadata(record, rock) };
  if (kind === "directory") {
    const moved = rock?.childBlock;
    const block = moved ?? record.extent;
    const size = moved === undefined ? record.size : selfSize(walk, moved, path);
    const below = { path, depth: directory.depth + 1, block, size };
    return { entry: { ...attributes, kind, size: 0 }, ranges: [], directory: below };
  }
  const ranges =
    kind === "file" ? group.map((part) => range(part, root.blockSize)).filter(({ length }) => length > 0) : [];
  const size = ranges.reduce((sum, { length }) => sum + length, 0);
  return { entry: { ...attributes, kind, size }, ranges };
}

/** Data begins behind the extended attribute record, where there is one (ECMA-119 9.1.2). */
function range(record: DirectoryRecord, blockSize: number): DataRange {
  return { offset: (record.extent + record.bytes[1]!) * blockSize, length: record.size };
}

function kindOf(record: DirectoryRecord, rock: RockRidge | undefined): EntryKind {
  if (rock?.childBlock !== undefined || isDirectory(record)) return "directory";
  if (rock?.target !== undefined) return "symlink";
  const kind = rock?.mode === undefined ? "file" : kindOfMode(rock.mode);
  return kind === "directory" ? "file" : kind;
}

function metadata(record: DirectoryRecord, rock: RockRidge | undefined): Omit<ImageEntry, "path" | "kind" | "size"> {
  const mtime = rock?.mtime ?? recordDate(record.bytes, 18);
  return {
    ...(mtime === undefined ? {} : { mtime }),
    ...(rock?.mode === undefined ? {} : { mode: rock.mode & 0o7777 }),
    ...(rock?.uid === undefined ? {} : { uid: rock.uid }),
    ...(rock?.gid === undefined ? {} : { gid: rock.gid }),
    ...(rock?.target === undefined ? {} : { target: rock.target }),
  };
}

/** The length of a directory that was moved (RRIP 4.1.5.1): the record that points there does not say it, its own `.` does. */
function selfSize(walk: TreeWalk, block: number, path: string): number {
  const { input, root, budget } = walk;
  const [self] = readDirectoryRecords(input, block * root.blockSize, root.blockSize, budget);
  if (self === undefined || !isSelf(self)) {
    throw new ImageRefusal(path, "a relocated directory begins with its own record (RRIP 4.1.5.1)", block);
  }
  return self.size;
}
