import { createHash } from "node:crypto";
import { foldCase } from "#image/case-folding.js";
import { type Attributes, type DirectoryEntry, type FileEntry, type FileTree, fromBytes } from "#image/tree.js";
import fc from "#integration/rigs/properties.js";

/** Names of everyday files, and of what goes wrong: long, Unicode, astral, combining, dots, signs, equal but for their end or case. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z_]{1,12}(\.[a-z]{1,4})?$/) },
  { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9 !#$%&'()+,;=@^`{}~.-]{1,60}$/) },
  { weight: 2, arbitrary: text(["é", "ü", "ß", "Ж", "中", "文", "あ", "e\u0301", "-", "a"], 40) },
  { weight: 2, arbitrary: text(["\u{1f600}", "\u{1d11e}", "\u{10ffff}", "x", "."], 30) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 66 }).map((length) => "joliet".padEnd(length, "j")) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 253 }).map((length) => "n".repeat(length)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 90, max: 125 }), fc.integer({ min: 0, max: 9 }))
      .map(([n, d]) => "é".repeat(n) + d),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "README",
      "readme",
      "ReadMe",
      "a.b.c.d",
      ".hidden",
      "..dots",
      "con",
      "TILDE~1",
      "file;1",
    ),
  },
);

function text(units: readonly string[], most: number): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...units), { minLength: 1, maxLength: most }).map((parts) => parts.join(""));
}

/** Bytes of a file: none, few, around a sector or a cluster, several. */
const size = fc.oneof(
  fc.constantFrom(0, 0, 1, 511, 512, 513, 2047, 2048, 2049, 4095, 4096, 4097),
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: -1, max: 1 })).map(([n, d]) => n * 2048 + d),
);

const SECOND = 1000;
const mtime = fc
  .integer({ min: Date.UTC(1980, 0, 1) / SECOND / 2, max: Date.UTC(2107, 0, 1) / SECOND / 2 })
  .map((pairs) => new Date(pairs * 2 * SECOND));

interface Shape {
  readonly parts: readonly string[];
  readonly size: number | undefined;
  readonly content: number;
  readonly mode: number;
  readonly owner: number;
  readonly mtime: Date | undefined;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  parts: fc.oneof(
    { weight: 9, arbitrary: fc.array(name, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(name, { minLength: 9, maxLength: 14 }) },
  ),
  size: fc.option(size, { freq: 8, nil: undefined }),
  content: fc.integer({ min: 0, max: 3 }),
  mode: fc.constantFrom(0o444, 0o400, 0o755, 0o600, 0o1777),
  owner: fc.constantFrom(0, 1000, 0x7fffffff),
  mtime: fc.option(mtime),
});

/** Trees of up to 40 entries, which both formats can hold; `fits` says which names the format takes. */
export function randomTree(fits: (name: string) => boolean): fc.Arbitrary<FileTree> {
  return fc.array(shape, { maxLength: 40, size: "max" }).map((shapes) => treeOf(shapes, fits));
}

/** ISO 9660 takes every name of up to 253 bytes but `.` and `..`. */
export function fitsIso9660(part: string): boolean {
  return part !== "." && part !== ".." && Buffer.byteLength(part) <= 253;
}

/** FAT takes no forbidden sign, nothing that ends with a dot or a space, and no device of Windows: `con` is the one among the names above. */
export function fitsFat(part: string): boolean {
  return fitsIso9660(part) && !/["*/:<>?\\|]/.test(part) && !/[. ]$/.test(part) && !/^con$/.test(part);
}

/** The tree as FAT takes it, which keeps no modes and owners. */
export function withoutModes({ files, directories = [] }: FileTree): FileTree {
  const kept = <T extends Attributes>({ mode, uid, gid, ...entry }: T) => entry;
  return { files: files.map(kept), directories: directories.map(kept) };
}

/** Leaves out what does not fit, what would be there twice whatever its case, and what would stand below a file. */
function treeOf(shapes: readonly Shape[], fits: (name: string) => boolean): FileTree {
  const kinds = new Map<string, "file" | "directory">();
  const files: FileEntry[] = [];
  const directories: DirectoryEntry[] = [];
  const spelled = new Map<string, string>();
  for (const { parts, size: bytes, content, mode, owner, mtime: time } of shapes) {
    const path = parts.join("/");
    const above = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const clash = above.some(
      (one) => (spelled.get(foldCase(one)) ?? one) !== one || (one !== path && kinds.get(one) === "file"),
    );
    if (!parts.every(fits) || clash || kinds.has(path) || Buffer.byteLength(path) > 1000) continue;
    for (const one of above) {
      spelled.set(foldCase(one), one);
      kinds.set(one, "directory");
    }
    const attributes = { path, mode, uid: owner, gid: owner, ...(time === null ? {} : { mtime: time }) };
    if (bytes === undefined) directories.push(attributes);
    else {
      kinds.set(path, "file");
      files.push({ ...attributes, data: fromBytes(contentOf(bytes, content)) });
    }
  }
  return { files, directories };
}

/** Bytes that differ by size and number alone, so that files of a tree are often equal. */
function contentOf(bytes: number, number: number): Buffer {
  const seed = createHash("sha256").update(`${bytes} ${number}`).digest();
  return Buffer.alloc(bytes, seed);
}

/** Every path that a tree has, directories above files included, in no order. */
export function pathsOf(tree: FileTree): Map<string, "file" | "directory"> {
  const kinds = new Map<string, "file" | "directory">();
  for (const { path } of [...tree.files, ...(tree.directories ?? [])]) {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1))
      kinds.set(path.slice(0, slash), "directory");
    kinds.set(path, "directory");
  }
  for (const { path } of tree.files) kinds.set(path, "file");
  return kinds;
}

/** SHA-256 of every file of a tree by its path. */
export function digestsOf(tree: FileTree): Map<string, string> {
  return new Map(tree.files.map(({ path, data }) => [path, sha256(data.bytes ?? new Uint8Array())]));
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
