import { mkdirSync, writeFileSync } from "node:fs";
import { planFat } from "#image/fat/plan-fat.js";
import { planBytes } from "#image/plan-bytes.js";
import type { FileTree } from "#image/tree.js";
import { filesBelow } from "../files-below.js";
import { digestsOf, fitsFat, withoutModes } from "../random-trees.js";
import { readBack } from "../read-back.js";
import { Workplace } from "../workplace.js";
import { awkwardTree, treesFor } from "./trees.js";

interface Written {
  readonly tree: FileTree;
  readonly bytes: Buffer;
  readonly path: string;
  readonly variant: string;
}

const TIME = new Date("2026-11-22T17:00:00Z");
const work = new Workplace();
const images: Written[] = [
  ...treesFor(fitsFat).map((tree) => ({ tree, sizeBytes: undefined })),
  { tree: awkwardTree(), sizeBytes: 64 << 20 },
  { tree: awkwardTree(), sizeBytes: 520 << 20 },
].map(({ tree, sizeBytes }, index) => {
  const size = sizeBytes === undefined ? {} : { sizeBytes };
  const plan = planFat(withoutModes(tree), { label: "config-2", time: TIME, serial: 0x10000 + index, ...size });
  const bytes = planBytes(plan);
  const path = work.path(`${index}.img`);
  writeFileSync(path, bytes);
  return { tree, bytes, path, variant: plan.variant };
});
afterAll(() => work[Symbol.dispose]());

const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

test("all three FAT types are among the images", () => {
  expect(new Set(images.map(({ variant }) => variant))).toEqual(new Set(["FAT12", "FAT16", "FAT32"]));
});

test("fsck.fat has nothing to say but its count of files", () => {
  for (const { path } of images) {
    const { exitCode, output, errors } = work.try("fsck.fat", ["-n", path]);
    const remarks = output.split("\n").filter((line) => line !== "" && !/^fsck\.fat 4|files, .* clusters$/.test(line));
    expect([path, exitCode, remarks, errors]).toEqual([path, 0, [], ""]);
  }
}, 60_000);

test("7z finds no error, and extracts the same files", () => {
  for (const [index, { path, tree }] of images.entries()) {
    const target = work.path(`7z-${index}`);
    const output = work.run("7z", ["x", "-y", `-o${target}`, path]);
    expect(output).toContain("Everything is Ok");
    expect(output).not.toMatch(/Warning|Error/);
    mkdirSync(target, { recursive: true });
    expect(sorted(filesBelow(target))).toEqual(sorted(digestsOf(tree)));
  }
}, 60_000);

test("mcopy extracts the same files, where their names are none that mtools changes", () => {
  for (const [index, { path, tree }] of images.entries()) {
    const target = work.path(`mcopy-${index}`);
    mkdirSync(target);
    const { exitCode } = work.try("mcopy", ["-i", path, "-s", "-Q", "::*", target]);
    const found = filesBelow(target);
    const plain = [...digestsOf(tree)].filter(([name]) => /^[\x20-\x7e]*$/.test(name));
    if (plain.length > 0) expect(exitCode).toBe(0);
    for (const [name, digest] of plain) expect([name, found.get(name)]).toEqual([name, digest]);
  }
}, 60_000);

test("blkid tells both labels, and the UUID that our reader tells", () => {
  const output = work.run("blkid", ["-c", "/dev/null", "-o", "export", ...images.map(({ path }) => path)]);
  const blocks = output.trimEnd().split("\n\n");
  expect(blocks).toHaveLength(images.length);
  for (const [index, block] of blocks.entries()) {
    const { uuid } = readBack(images[index]!.bytes).volume.info;
    expect(block.split("\n")).toEqual(
      expect.arrayContaining(["LABEL=config-2", "LABEL_FATBOOT=config-2", "TYPE=vfat", `UUID=${uuid}`]),
    );
  }
});

test("inside a partition, sfdisk and mtools find the volume", () => {
  const tree = awkwardTree();
  const path = work.path("partitioned.img");
  writeFileSync(
    path,
    planBytes(planFat(withoutModes(tree), { label: "config-2", time: TIME, serial: 7, partitioned: true })),
  );
  const { partitiontable }: { partitiontable: { label: string; partitions: { start: number }[] } } = JSON.parse(
    work.run("sfdisk", ["--json", path]),
  );
  expect([partitiontable.label, partitiontable.partitions.length]).toEqual(["dos", 1]);
  const start = (partitiontable.partitions[0]?.start ?? 0) * 512;
  expect(work.run("mtype", ["-i", `${path}@@${start}`, "::openstack/latest/user_data"])).toBe("#!/bin/sh\n");
});
