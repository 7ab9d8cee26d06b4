import { ImageRefusal } from "./refusal.js";
import type { Attributes, ByteSource, FileTree } from "./tree.js";

interface Node {
  /** Name within its directory; empty for the root. */
  readonly name: string;
  readonly path: string;
  mode: number;
  uid: number;
  gid: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  mtime: number;
}

/** One file of a checked tree. */
export interface FileNode extends Node {
  readonly kind: "file";
  readonly data: ByteSource;
  /** Place in the caller's list of files. */
  readonly index: number;
}

/** One directory of a checked tree; children ascend by the UTF-16 code units of their names. */
export interface DirectoryNode extends Node {
  readonly kind: "directory";
  readonly children: HierarchyNode[];
  subdirectories: number;
  /** The entry of the caller's tree that it comes from, such as `directories[3]`. */
  field: string;
}

export type HierarchyNode = FileNode | DirectoryNode;

/** What a node is where its entry does not say: the image's time; modes as `genisoimage -r` gives them. */
const FILE_MODE = 0o444;
const DIRECTORY_MODE = 0o555;
/** Linux: PATH_MAX is 4096 with its closing NUL (include/uapi/linux/limits.h). */
const MAX_PATH_BYTES = 4095;
const UINT32_MAX = 0xffff_ffff;

/**
 * Turns a flat tree into directories and checks all that no file system can hold: bad paths, duplicates, a file where
 * a directory stands, attributes out of range. The result does not depend on the order of the entries.
 * @param time what entries without `mtime` get, milliseconds since the epoch
 * @throws ImageRefusal naming the field
 */
export function hierarchyOf(tree: FileTree, time: number): DirectoryNode {
  const directories = new Map<string, DirectoryNode>();
  const root = directoryNode("", "", time, "tree");
  directories.set("", root);

  const directoryAt = (path: string, field: string): DirectoryNode => {
    const known = directories.get(path);
    if (known !== undefined) return known;
    const cut = path.lastIndexOf("/");
    const parent = directoryAt(cut < 0 ? "" : path.slice(0, cut), field);
    const node = directoryNode(path, path.slice(cut + 1), time, field);
    directories.set(path, node);
    parent.children.push(node);
    parent.subdirectories++;
    return node;
  };

  const asked = new Set<string>();
  tree.directories?.forEach((entry, index) => {
    const field = `directories[${index}]`;
    checkPath(entry.path, field);
    if (asked.has(entry.path)) throw new ImageRefusal(`${field}.path`, "must not be listed twice", entry.path);
    asked.add(entry.path);
    const node = directoryAt(entry.path, field);
    node.field = field;
    setAttributes(node, entry);
  });
  let near = root;
  tree.files.forEach((entry, index) => {
    const { path, data } = entry;
    checkPath(path, index);
    checkData(data, index);
    const cut = path.lastIndexOf("/");
    const above = cut < 0 ? "" : path.slice(0, cut);
    if (near.path !== above) near = directoryAt(above, `files[${index}]`);
    const name = cut < 0 ? path : path.slice(cut + 1);
    const node: FileNode = { kind: "file", name, path, data, mode: FILE_MODE, uid: 0, gid: 0, mtime: time, index };
    setAttributes(node, entry);
    near.children.push(node);
  });
  for (const directory of directories.values()) sortChildren(directory);
  return root;
}

/** A field of the caller's tree, such as `files[3].path`. */
export function fieldOf(node: HierarchyNode, member: string): string {
  return `${node.kind === "file" ? `files[${node.index}]` : node.field}.${member}`;
}

function directoryNode(path: string, name: string, mtime: number, field: string): DirectoryNode {
  return {
    kind: "directory",
    name,
    path,
    mode: DIRECTORY_MODE,
    uid: 0,
    gid: 0,
    mtime,
    field,
    children: [],
    subdirectories: 0,
  };
}

const BAD_CHARACTER = /\p{Cc}/u;
const BAD_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;

function checkPath(path: string, entry: string | number): void {
  const rule = pathRule(path);
  if (rule === undefined) return;
  throw new ImageRefusal(`${typeof entry === "number" ? `files[${entry}]` : entry}.path`, rule, path);
}

/** @returns the rule that a path breaks */
function pathRule(path: string): string | undefined {
  if (!path.isWellFormed()) return "must be well-formed Unicode (no lone surrogate)";
  if (BAD_CHARACTER.test(path)) return "must not hold NUL or another control character";
  if (BAD_PART.test(path)) return "must be relative, its parts not empty, not `.` and not `..`";
  if (path.length * 3 > MAX_PATH_BYTES && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `must have at most ${MAX_PATH_BYTES} bytes of UTF-8 (Linux PATH_MAX)`;
  }
  return undefined;
}

function checkData(data: ByteSource, field: number): void {
  if (data.bytes !== undefined && data.bytes.length !== data.size) {
    throw new ImageRefusal(
      `files[${field}].data`,
      `says ${data.size} bytes but holds another number`,
      data.bytes.length,
    );
  }
  if (!Number.isSafeInteger(data.size) || data.size < 0) {
    throw new ImageRefusal(`files[${field}].data`, "must have a size of 0 or more whole bytes", data.size);
  }
}

function setAttributes(node: HierarchyNode, asked: Attributes): void {
  if (asked.mode !== undefined) node.mode = inRange(asked.mode, 0o7777, node, "mode");
  if (asked.uid !== undefined) node.uid = inRange(asked.uid, UINT32_MAX, node, "uid");
  if (asked.gid !== undefined) node.gid = inRange(asked.gid, UINT32_MAX, node, "gid");
  if (asked.mtime !== undefined) {
    node.mtime = asked.mtime.getTime();
    if (Number.isNaN(node.mtime)) throw new ImageRefusal(fieldOf(node, "mtime"), "must be a date");
  }
}

function inRange(value: number, most: number, node: HierarchyNode, member: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new ImageRefusal(fieldOf(node, member), `must be a whole number from 0 to ${most}`, value);
}

/** Plain `<` on strings compares UTF-16 code units, whatever the locale. */
function sortChildren(directory: DirectoryNode): void {
  const children = directory.children;
  children.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (let i = 1; i < children.length; i++) {
    const one = children[i - 1]!;
    const other = children[i]!;
    if (one.name !== other.name) continue;
    const file = other.kind === "file" ? other : one;
    const rule = one.kind === other.kind ? "must not be listed twice" : "must not be a file and a directory at once";
    throw new ImageRefusal(fieldOf(file, "path"), rule, file.path);
  }
}
