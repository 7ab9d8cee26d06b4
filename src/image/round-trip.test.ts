import fc from "#integration/rigs/properties.js";
import { planFat } from "./fat/plan-fat.js";
import { bytesInput } from "./input/input.js";
import { planIso9660 } from "./iso9660/plan-iso9660.js";
import { openImage } from "./open.js";
import { planBytes } from "./plan-bytes.js";
import { type FileTree, fromBytes } from "./tree.js";
import { verify } from "./verify/verify.js";
import type { NameSpace } from "./volume.js";

/** Otherwise a few samples: the images suite has thousands, read by many programs. */
const FULL = process.env.FORM === "full";
const TIME = new Date("2026-11-22T16:49:02Z");

/** Names of all sorts; `fat` leaves out what FAT refuses. */
function nameOf(fat: boolean): fc.Arbitrary<string> {
  const common = ["a", "b", "Z", "1", "-", "_", ".", "é", "e\u0301", "\u4e2d", "\u{1f600}", "~"];
  const character = fc.constantFrom(...common, ...(fat ? [] : [" ", ";", "*", ":", "?", "\\"]));
  const short = fc.string({ unit: character, minLength: 1, maxLength: 12 });
  const long = fc.tuple(short, fc.integer({ min: 40, max: 253 })).map(([name, bytes]) => {
    let text = name;
    while (Buffer.byteLength(text + name) <= bytes) text += name;
    return text;
  });
  return fc.oneof(short, long).filter((name) => !/^\.{1,2}$/.test(name) && !(fat && /\.$/.test(name)));
}

function treeOf(fat: boolean): fc.Arbitrary<FileTree> {
  const path = fc.array(nameOf(fat), { minLength: 1, maxLength: 10 }).map((parts) => parts.join("/"));
  const size = fc.constantFrom(0, 1, 511, 512, 513, 2047, 2048, 2049, 4096, 10_000);
  const file = fc.record({
    path,
    data: fc.tuple(size, fc.nat(255)).map(([length, fill]) => fromBytes(Buffer.alloc(length, fill))),
    ...(fat ? {} : { mode: fc.integer({ min: 0, max: 0o7777 }), uid: fc.nat(), gid: fc.nat() }),
  });
  return fc.tuple(fc.array(file, { maxLength: 25 }), fc.array(path, { maxLength: 5 })).map(([files, directories]) => {
    // A path is one thing: what a later entry would make two of is left out.
    const spell = (text: string): string => (fat ? text.toUpperCase().toLowerCase() : text);
    const kinds = new Map<string, { kind: "file" | "directory"; path: string }>();
    const claim = (wanted: string, kind: "file" | "directory"): boolean => {
      const parts = wanted.split("/");
      const steps = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
      const agrees = steps.every((step, i) => {
        const known = kinds.get(spell(step));
        const last = i === steps.length - 1;
        return known === undefined || (!last && known.kind === "directory" && known.path === step);
      });
      if (!agrees) return false;
      for (const [i, step] of steps.entries()) {
        kinds.set(spell(step), { kind: i === steps.length - 1 ? kind : "directory", path: step });
      }
      return true;
    };
    return {
      files: files.filter((entry) => claim(entry.path, "file")),
      directories: directories.filter((entry) => claim(entry, "directory")).map((entry) => ({ path: entry })),
    };
  });
}

interface Seen {
  readonly path: string;
  readonly bytes: string | undefined;
}

function byPath(a: Seen, b: Seen): number {
  return a.path < b.path ? -1 : 1;
}

function asked(tree: FileTree): Seen[] {
  const seen = new Map<string, Seen>();
  const above = (path: string): void => {
    for (let cut = path.lastIndexOf("/"); cut > 0; cut = path.lastIndexOf("/", cut - 1)) {
      seen.set(path.slice(0, cut), { path: path.slice(0, cut), bytes: undefined });
    }
  };
  for (const { path, data } of tree.files) {
    above(path);
    seen.set(path, { path, bytes: Buffer.from(data.bytes ?? []).toString("base64") });
  }
  for (const { path } of tree.directories ?? []) {
    above(path);
    seen.set(path, { path, bytes: undefined });
  }
  return [...seen.values()].sort(byPath);
}

function read(image: Uint8Array, nameSpace?: NameSpace): Seen[] {
  const volume = openImage(bytesInput(image), nameSpace === undefined ? {} : { nameSpace });
  return volume.entries
    .map((entry): Seen => {
      if (entry.kind === "directory") return { path: entry.path, bytes: undefined };
      const parts = [...volume.ranges(entry)].map(({ offset, length }) => volume.input.read(offset, length));
      return { path: entry.path, bytes: Buffer.concat(parts).toString("base64") };
    })
    .sort(byPath);
}

const contents = (seen: readonly Seen[]): (string | undefined)[] => seen.map(({ bytes }) => bytes).sort();

describe("what is written is read back", () => {
  it("ISO 9660: true names in Rock Ridge, the same contents in all three hierarchies, no fault", () => {
    fc.assert(
      fc.property(treeOf(false), (tree) => {
        const plan = planIso9660(tree, { label: "config-2", time: TIME });
        const image = planBytes(plan);
        expect(verify(bytesInput(image))).toEqual([]);
        expect(read(image, "rock-ridge")).toEqual(asked(tree));
        const joliet = read(image, "joliet");
        expect(contents(joliet)).toEqual(contents(asked(tree)));
        expect(contents(read(image, "iso9660"))).toEqual(contents(asked(tree)));
        if (plan.jolietAltered.length === 0) expect(joliet).toEqual(asked(tree));
        const modes = openImage(bytesInput(image)).entries.filter(({ kind }) => kind === "file");
        for (const { path, mode, uid, gid } of modes) {
          expect(tree.files.find((file) => file.path === path)).toMatchObject({ mode, uid, gid });
        }
      }),
      { numRuns: FULL ? 60 : 15 },
    );
  });

  it.each([
    ["as small as it can be", undefined, false],
    ["in 6 MiB, FAT16", 6 << 20, false],
    ["in a partition", undefined, true],
  ])("FAT %s: true names and contents, no fault", (_, sizeBytes, partitioned) => {
    fc.assert(
      fc.property(treeOf(true), (tree) => {
        const options = { label: "config-2", time: TIME, serial: 1, partitioned };
        const image = planBytes(planFat(tree, sizeBytes === undefined ? options : { ...options, sizeBytes }));
        expect(verify(bytesInput(image))).toEqual([]);
        expect(read(image)).toEqual(asked(tree));
      }),
      { numRuns: FULL ? 25 : 6 },
    );
  });

  it("both: thousands of files in one directory", () => {
    const files = Array.from({ length: 3000 }, (_, i) => ({
      path: `d/a file with a long name, number ${i}`,
      data: fromBytes(Buffer.from(`${i}`)),
    }));
    const iso = planBytes(planIso9660({ files }, { label: "config-2", time: TIME }));
    const fat = planBytes(planFat({ files }, { label: "config-2", time: TIME, serial: 1 }));
    for (const image of [iso, fat]) {
      expect(verify(bytesInput(image))).toEqual([]);
      expect(read(image)).toEqual(asked({ files }));
    }
  });
});
