import { planFat } from "#image/fat/plan-fat.js";
import { bytesInput } from "#image/input/input.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { planBytes } from "#image/plan-bytes.js";
import { type FileTree, fromBytes } from "#image/tree.js";
import { verify } from "#image/verify/verify.js";
import fc from "#integration/rigs/properties.js";
import { FULL } from "../form.js";
import { digestsOf, fitsFat, fitsIso9660, pathsOf, randomTree, withoutModes } from "../random-trees.js";
import { readBack } from "../read-back.js";

const TIME = new Date("2026-11-22T17:00:00Z");
const SEED = Number(process.env.SEED ?? 20261122);
const RUNS = { numRuns: FULL ? 3000 : 150, seed: SEED };

const iso = (tree: FileTree) => planIso9660(tree, { label: "config-2", time: TIME });
const fat = (tree: FileTree, partitioned = false) =>
  planFat(withoutModes(tree), { label: "config-2", time: TIME, serial: 0xc0ffee, partitioned });

const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
const values = (map: ReadonlyMap<string, string>) => [...map.values()].sort();

/** What an image says of each path: `undefined` where the tree leaves it to the writer. */
function attributesOf(tree: FileTree, image: Uint8Array): [unknown[], unknown[]] {
  const found = new Map(readBack(image).volume.entries.map((entry) => [entry.path, entry]));
  const asked = [...tree.files, ...(tree.directories ?? [])];
  return [
    asked.map(({ path }) => [
      path,
      found.get(path)?.mode,
      found.get(path)?.uid,
      found.get(path)?.gid,
      found.get(path)?.mtime,
    ]),
    asked.map(({ path, mode, uid, gid, mtime }) => [path, mode, uid, gid, mtime ?? TIME]),
  ];
}

test("ISO 9660: what is written is read back in all three name spaces, with modes, owners and times, and has no fault", () => {
  fc.assert(
    fc.property(randomTree(fitsIso9660), (tree) => {
      const plan = iso(tree);
      const image = planBytes(plan);
      expect(verify(bytesInput(image))).toEqual([]);
      const rock = readBack(image);
      expect(sorted(rock.kinds)).toEqual(sorted(pathsOf(tree)));
      expect(sorted(rock.digests)).toEqual(sorted(digestsOf(tree)));
      const [found, asked] = attributesOf(tree, image);
      expect(found).toEqual(asked);
      const joliet = readBack(image, "joliet");
      expect(values(joliet.digests)).toEqual(values(rock.digests));
      expect(joliet.kinds.size).toBe(rock.kinds.size);
      if (plan.jolietAltered.length === 0) expect(sorted(joliet.digests)).toEqual(sorted(digestsOf(tree)));
      const plain = readBack(image, "iso9660");
      expect(values(plain.digests)).toEqual(values(rock.digests));
      expect(plain.kinds.size).toBe(rock.kinds.size);
    }),
    RUNS,
  );
}, 300_000);

test("FAT: what is written is read back, with times, and has no fault", () => {
  fc.assert(
    fc.property(randomTree(fitsFat), fc.boolean(), (tree, partitioned) => {
      const image = planBytes(fat(tree, partitioned));
      expect(verify(bytesInput(image))).toEqual([]);
      const read = readBack(image);
      expect(sorted(read.kinds)).toEqual(sorted(pathsOf(tree)));
      expect(sorted(read.digests)).toEqual(sorted(digestsOf(tree)));
      const found = new Map(read.volume.entries.map(({ path, mtime }) => [path, mtime]));
      for (const { path, mtime } of [...tree.files, ...(tree.directories ?? [])]) {
        expect([path, found.get(path)]).toEqual([path, mtime ?? TIME]);
      }
    }),
    RUNS,
  );
}, 300_000);

test("the bytes do not depend on the order of the entries", () => {
  fc.assert(
    fc.property(randomTree(fitsFat), fc.integer(), (tree, turn) => {
      const moved = <T>(entries: readonly T[]) =>
        entries.map((_, i) => entries[(((i + turn) % entries.length) + entries.length) % entries.length]!).reverse();
      const other = { files: moved(tree.files), directories: moved(tree.directories ?? []) };
      expect(planBytes(iso(other)).equals(planBytes(iso(tree)))).toBe(true);
      expect(planBytes(fat(other)).equals(planBytes(fat(tree)))).toBe(true);
    }),
    { ...RUNS, numRuns: RUNS.numRuns / 5 },
  );
}, 120_000);

test.each([
  ["ISO 9660", iso],
  ["FAT", fat],
])(
  "%s: thousands of files, in one directory and in many",
  (_, plan) => {
    const count = FULL ? 20_000 : 3000;
    const file = (path: string) => ({ path, data: fromBytes(Buffer.from(path)) });
    const files = Array.from({ length: count }, (_, i) =>
      file(i % 2 === 0 ? `one/file number ${i}` : `many/${i % 97}/deeper/${i}.json`),
    );
    const image = planBytes(plan({ files }));
    expect(verify(bytesInput(image))).toEqual([]);
    expect(sorted(readBack(image).digests)).toEqual(sorted(digestsOf({ files })));
  },
  60_000,
);
