import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runContest } from "#bench/contest.js";
import { type Aim, type Heat, report } from "#bench/report.js";
import { planFat } from "#image/fat/plan-fat.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import type { ImagePlan } from "#image/plan.js";
import { planBytes } from "#image/plan-bytes.js";
import type { FileTree } from "#image/tree.js";
import { writeFloor } from "./floors.js";
import { digesting, planning, writing } from "./ours.js";
import { Rivals } from "./rivals.js";
import { largeTree, manyTree, novaTree, writeTree } from "./trees.js";

const TIME = new Date("2026-01-01T00:00:00Z");
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Rounds: `ROUNDS=0.1` for a tenth of them. */
const SHARE = Number(process.env.ROUNDS ?? 1);

const iso = (tree: FileTree) => (): ImagePlan =>
  planIso9660(tree, { label: "config-2", time: TIME, publisher: "OpenStack Nova" });
const vfat = (tree: FileTree) => (): ImagePlan =>
  planFat(tree, { label: "config-2", time: TIME, serial: 1, sizeBytes: 64 << 20 });
const rounds = (full: number): number => Math.max(3, Math.round(full * SHARE));

const output = join(ROOT, "bench/results");
mkdirSync(output, { recursive: true });
// Beside the checkout and not in /tmp, which is memory on many machines: "on disk" shall mean a disk.
const work = mkdtempSync(join(output, "work-"));
let met: boolean;
try {
  using rivals = new Rivals(join(ROOT, "bench/images/rivals.py"));
  const nova = await novaHeat(rivals);
  const large = await largeHeat(rivals);
  const many = await manyHeat(rivals);
  met = report([nova, large, many], aimsOf(nova, large, many), join(output, "images.json"));
} finally {
  rmSync(work, { recursive: true });
}
process.exitCode = met || process.env.STRICT === undefined ? 0 : 1;

async function novaHeat(rivals: Rivals): Promise<Heat> {
  const tree = novaTree();
  const source = onDisk(tree, "nova");
  const target = join(work, "image");
  const bytes = planBytes(iso(tree)());
  const contestants = [
    planning("plan", iso(tree)),
    digesting("plan + sha256", iso(tree)),
    planning("plan vfat 64 MiB", vfat(tree)),
    writing("iso9660 written", iso(tree), target, { sync: false, digest: false }),
    writeFloor("floor: the bytes written", bytes, target, { sync: false }),
    writing("iso9660 written + sha256", iso(tree), target, { sync: false }),
    writeFloor("floor: the bytes hashed and written", bytes, target, { sync: false, hash: true }),
    writing("vfat 64 MiB written", vfat(tree), target, { sync: false, digest: false }),
    rivals.contestant("genisoimage", "genisoimage", source, target),
    rivals.contestant("xorriso", "xorriso", source, target, { every: 5 }),
    rivals.contestant("pycdlib (in process)", "pycdlib", source, target),
    rivals.contestant("mkfs.vfat + mcopy, 64 MiB", "mkfs", source, target),
    rivals.contestant("nova's route", "nova", source, target),
    writing("iso9660 synced", iso(tree), target, { sync: true, digest: false }),
    writeFloor("floor: the bytes synced", bytes, target, { sync: true }),
    writing("iso9660 synced + sha256", iso(tree), target, { sync: true }),
    writeFloor("floor: the bytes hashed and synced", bytes, target, { sync: true, hash: true }),
    rivals.contestant("nova's route, synced", "nova", source, target, { sync: true }),
  ];
  const results = await runContest(contestants, { rounds: rounds(41), runsPerTurn: 5, warmUps: 300 });
  const references = ["plan", "iso9660 written", "iso9660 synced"];
  return { title: "nova's tree: 47 files, 67 KB", contestants, results, references };
}

async function largeHeat(rivals: Rivals): Promise<Heat> {
  const tree = largeTree();
  const source = onDisk(tree, "large");
  const target = join(work, "image");
  const bytes = planBytes(iso(tree)());
  const contestants = [
    writing("iso9660 written", iso(tree), target, { sync: false, digest: false }),
    writeFloor("floor: the bytes written", bytes, target, { sync: false }),
    rivals.contestant("genisoimage", "genisoimage", source, target),
    rivals.contestant("xorriso", "xorriso", source, target, { every: 4 }),
    rivals.contestant("pycdlib (in process)", "pycdlib", source, target),
    rivals.contestant("mkfs.vfat + mcopy", "mkfs", source, target),
    rivals.contestant("nova's route", "nova", source, target),
    writing("iso9660 synced + sha256", iso(tree), target, { sync: true }),
    writeFloor("floor: the bytes hashed and synced", bytes, target, { sync: true, hash: true }),
    rivals.contestant("nova's route, synced", "nova", source, target, { sync: true }),
  ];
  const results = await runContest(contestants, { rounds: rounds(15), runsPerTurn: 1, warmUps: 2 });
  return {
    title: "one file of 64 MiB",
    contestants,
    results,
    references: ["iso9660 written", "iso9660 synced + sha256"],
  };
}

async function manyHeat(rivals: Rivals): Promise<Heat> {
  const tree = manyTree();
  const source = onDisk(tree, "many");
  const target = join(work, "image");
  const bytes = planBytes(iso(tree)());
  const contestants = [
    planning("plan", iso(tree)),
    writing("iso9660 written + sha256", iso(tree), target, { sync: false }),
    writeFloor("floor: the bytes written", bytes, target, { sync: false }),
    rivals.contestant("genisoimage", "genisoimage", source, target),
    rivals.contestant("xorriso", "xorriso", source, target, { every: 4 }),
    rivals.contestant("pycdlib (in process)", "pycdlib", source, target, { every: 4 }),
    rivals.contestant("mkfs.vfat + mcopy", "mkfs", source, target, { every: 4 }),
    rivals.contestant("nova's route", "nova", source, target, { every: 4 }),
  ];
  const results = await runContest(contestants, { rounds: rounds(12), runsPerTurn: 2, warmUps: 12 });
  return { title: "10,000 files, 10 MB", contestants, results, references: ["plan", "iso9660 written + sha256"] };
}

function aimsOf(nova: Heat, large: Heat, many: Heat): Aim[] {
  const median = (heat: Heat, name: string): number => heat.results.get(name)?.warm.median ?? Number.NaN;
  const over = (ours: string, floor: string): number => median(nova, ours) - median(nova, floor);
  const times = (ours: string, floor: string): number => median(nova, ours) / median(nova, floor);
  const big = median(large, "iso9660 synced + sha256") / median(large, "floor: the bytes hashed and synced");
  return [
    { text: "nova's tree planned", measured: median(nova, "plan"), limit: 0.1, unit: "ms" },
    { text: "nova's tree planned and hashed", measured: median(nova, "plan + sha256"), limit: 0.25, unit: "ms" },
    {
      text: "written, over the floor",
      measured: over("iso9660 written", "floor: the bytes written"),
      limit: 0.25,
      unit: "ms",
    },
    {
      text: "written and hashed, over the floor that hashes",
      measured: over("iso9660 written + sha256", "floor: the bytes hashed and written"),
      limit: 0.25,
      unit: "ms",
    },
    {
      text: "written and hashed, against nova's route",
      measured: times("nova's route", "iso9660 written + sha256"),
      limit: 20,
      unit: "×",
      bound: "least",
    },
    {
      text: "synced, against the floor that syncs",
      measured: times("iso9660 synced", "floor: the bytes synced"),
      limit: 1.4,
      unit: "×",
    },
    {
      text: "synced and hashed, against the floor that hashes and syncs",
      measured: times("iso9660 synced + sha256", "floor: the bytes hashed and synced"),
      limit: 1.4,
      unit: "×",
    },
    { text: "vfat of 64 MiB planned and written", measured: median(nova, "vfat 64 MiB written"), limit: 1, unit: "ms" },
    { text: "64 MiB hashed and synced, against the floor", measured: big, limit: 1.1, unit: "×" },
    { text: "64 MiB: memory beside the data", measured: extraMemory(), limit: 16, unit: "MiB" },
    { text: "10,000 files planned", measured: median(many, "plan"), limit: 25, unit: "ms" },
  ];
}

function extraMemory(): number {
  return Number(
    execFileSync(process.execPath, [fileURLToPath(new URL("memory.js", import.meta.url))], { encoding: "utf8" }),
  );
}

function onDisk(tree: FileTree, name: string): string {
  const directory = join(work, name);
  writeTree(tree, directory);
  return directory;
}
