import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type IsoPlan, planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { planBytes } from "#image/plan-bytes.js";
import type { FileTree } from "#image/tree.js";
import { filesBelow } from "../files-below.js";
import { digestsOf, fitsIso9660, pathsOf } from "../random-trees.js";
import { readBack } from "../read-back.js";
import { Workplace } from "../workplace.js";
import { treesFor } from "./trees.js";

interface Written {
  readonly tree: FileTree;
  readonly plan: IsoPlan;
  readonly bytes: Buffer;
  readonly path: string;
}

const time = (index: number) => new Date(Date.UTC(2026, 10, 22, 17, 0, index));
const work = new Workplace();
const images: Written[] = treesFor(fitsIso9660).map((tree, index) => {
  const plan = planIso9660(tree, { label: "config-2", time: time(index) });
  const bytes = planBytes(plan);
  const path = work.path(`${index}.iso`);
  writeFileSync(path, bytes);
  return { tree, plan, bytes, path };
});
afterAll(() => work[Symbol.dispose]());

const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
/** What Joliet readers must find: the names that the writer says it chose. */
const joliet = ({ bytes }: Written) => readBack(bytes, "joliet").digests;

test("pycdlib reads the same files in all three name spaces", () => {
  const script = resolve("integration/images/readers/pycdlib-trees.py");
  const lines = work
    .run("/usr/bin/python3", [script, ...images.map(({ path }) => path)])
    .trimEnd()
    .split("\n");
  expect(lines).toHaveLength(images.length);
  for (const [index, line] of lines.entries()) {
    const found: Record<string, Record<string, string>> = JSON.parse(line);
    const image = images[index]!;
    expect(sorted(new Map(Object.entries(found.rr ?? {})))).toEqual(sorted(digestsOf(image.tree)));
    expect(sorted(withoutVersions(found.joliet))).toEqual(sorted(joliet(image)));
    expect(sorted(withoutVersions(found.iso))).toEqual(sorted(readBack(image.bytes, "iso9660").digests));
  }
});

/** pycdlib shows `;1` and the dot before it. */
function withoutVersions(files: Record<string, string> = {}): Map<string, string> {
  return new Map(Object.entries(files).map(([path, digest]) => [path.replace(/\.?;1$/, ""), digest]));
}

test("xorriso finds nothing to remark on, and extracts the same files by their Rock Ridge names", () => {
  for (const [index, { path, tree }] of images.entries()) {
    const target = work.path(`xorriso-${index}`);
    const { exitCode, errors } = work.try("xorriso", [
      ...["-return_with", "WARNING", "32", "-osirrox", "on:auto_chmod_on", "-indev", path, "-extract", "/", target],
    ]);
    expect([index, exitCode, errors.split("\n").filter((line) => /WARNING|FAILURE|SORRY|FATAL/.test(line))]).toEqual([
      index,
      0,
      [],
    ]);
    expect(sorted(filesBelow(target))).toEqual(sorted(digestsOf(tree)));
  }
}, 60_000);

test("bsdtar extracts the same files by their Rock Ridge names", () => {
  for (const [index, { path, tree }] of images.entries()) {
    const target = work.path(`bsdtar-${index}`);
    mkdirSync(target);
    work.run("bsdtar", ["-x", "--no-same-owner", "--no-same-permissions", "-f", path, "-C", target]);
    expect(sorted(filesBelow(target))).toEqual(sorted(digestsOf(tree)));
  }
}, 60_000);

test("7z finds no error, and extracts the same files by their Joliet names", () => {
  for (const [index, image] of images.entries()) {
    const target = work.path(`7z-${index}`);
    const output = work.run("7z", ["x", "-y", `-o${target}`, image.path]);
    expect(output).toContain("Everything is Ok");
    expect(output).not.toMatch(/Warning|Error/);
    mkdirSync(target, { recursive: true });
    expect(sorted(filesBelow(target))).toEqual(sorted(joliet(image)));
  }
}, 60_000);

test("isoinfo lists the same paths by Rock Ridge, and the path tables without a remark", () => {
  for (const { path, tree } of images) {
    const listed = work
      .run("isoinfo", ["-R", "-f", "-i", path])
      .split("\n")
      .filter((line) => line !== "");
    const asked = [...pathsOf(tree).keys()].map((one) => `/${one}`);
    expect(listed.sort()).toEqual(asked.sort());
    const { exitCode, errors } = work.try("isoinfo", ["-p", "-i", path]);
    expect([exitCode, errors]).toEqual([0, ""]);
  }
}, 60_000);

test("blkid tells the label and the UUID that our reader tells", () => {
  const output = work.run("blkid", ["-c", "/dev/null", "-o", "export", ...images.map(({ path }) => path)]);
  const blocks = output
    .trimEnd()
    .split("\n\n")
    .map(
      (block) =>
        new Map(
          block.split("\n").map((line): [string, string] => {
            const [key = "", ...value] = line.split("=");
            return [key, value.join("=")];
          }),
        ),
    );
  expect(blocks).toHaveLength(images.length);
  for (const [index, block] of blocks.entries()) {
    const { label, uuid } = readBack(images[index]!.bytes).volume.info;
    expect([block.get("TYPE"), block.get("LABEL"), block.get("UUID")]).toEqual(["iso9660", "config-2", uuid]);
    expect(label).toBe("config-2");
  }
});
