import { readFileSync } from "node:fs";
import type { ReadLimits } from "#image/volume.js";
import { sampleFat, sampleFat32, sampleIso, smallTree, writeSampleTree } from "../sample-images.js";
import { Workplace } from "../workplace.js";
import { Mutable } from "./mutate.js";

/** Makes the mutants; the same number makes the same ones. */
export const SEED = Number(process.env.SEED ?? 20261122);
/** Far more than the whole images need, and soon used up by a loop. */
export const LIMITS: ReadLimits = { entries: 2000, depth: 64, path: 4096, structureBytes: 4 << 20, steps: 600_000 };

export interface Base {
  readonly name: string;
  readonly image: Buffer;
  /** How often it is taken, against the others. FAT32 begins at 33 MB, and a look at it takes as long. */
  readonly weight: number;
}

function bases(): Base[] {
  using work = new Workplace();
  const tree = writeSampleTree(work, "tree");
  work.run("xorriso", [
    "-as",
    "mkisofs",
    "-quiet",
    "-o",
    "x.iso",
    "-V",
    "config-2",
    "-J",
    "-r",
    "-rr_reloc_dir",
    "moved",
    "-no-pad",
    tree,
  ]);
  return [
    { name: "ISO 9660", image: sampleIso(smallTree()), weight: 50 },
    { name: "ISO 9660 by xorriso, relocated, with a link", image: readFileSync(work.path("x.iso")), weight: 6 },
    { name: "FAT12", image: sampleFat(12, false, smallTree()), weight: 40 },
    { name: "FAT16", image: sampleFat(16, false, smallTree()), weight: 15 },
    { name: "FAT12 in a partition", image: sampleFat(12, true, smallTree()), weight: 10 },
    { name: "FAT32", image: sampleFat32(work, tree), weight: 1 },
  ];
}

/** An image that is mutated again and again. */
export interface MutableBase extends Base {
  readonly mutable: Mutable;
}

/** All images that mutants are made of. */
export function mutables(): MutableBase[] {
  return bases().map((base) => ({ ...base, mutable: new Mutable(base.image) }));
}

/** Each image as often as its weight says: to pick one from. */
export function drawn(images: readonly MutableBase[]): MutableBase[] {
  return images.flatMap((image) => Array<MutableBase>(image.weight).fill(image));
}
