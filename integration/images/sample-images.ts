import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { planFat } from "#image/fat/plan-fat.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { planBytes } from "#image/plan-bytes.js";
import { type FileTree, fromBytes } from "#image/tree.js";
import type { Workplace } from "./workplace.js";

const TIME = new Date("2026-11-22T17:00:00Z");

function file(path: string, content: number | string) {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.alloc(content, path);
  return { path, data: fromBytes(bytes) };
}

/** The least tree that has a long name, a continuation area, equal files, an empty one, and a directory in a directory. */
export function smallTree(): FileTree {
  return {
    files: [
      file("openstack/latest/meta_data.json", '{"uuid": "83679162-1378-4288-a2d4-70e13ec132aa"}'),
      file("openstack/latest/user_data", "#cloud-config\n"),
      file("user-data", "#cloud-config\n"),
      file("empty", ""),
      file(`${"long name ".repeat(18)}end`, "x".repeat(2049)),
    ],
  };
}

/** A small tree with one of everything: depth, an empty file, an empty directory, equal files, long names, Unicode, sizes around a sector. */
export function sampleTree(): FileTree {
  return {
    files: [
      file("openstack/latest/meta_data.json", '{"uuid": "83679162-1378-4288-a2d4-70e13ec132aa"}'),
      file("openstack/latest/user_data", "#cloud-config\n"),
      file("ec2/latest/user-data", "#cloud-config\n"),
      file("empty", ""),
      file("sector", 2048),
      file("sector and one", 2049),
      file(`${"long name ".repeat(18)}end`, "long"),
      file("Größe \u{1f600}.txt", "unicode"),
    ],
    directories: [{ path: "empty directory" }],
  };
}

/** Our ISO 9660 image of the sample tree. */
export function sampleIso(tree = sampleTree()): Buffer {
  return planBytes(planIso9660(tree, { label: "config-2", time: TIME }));
}

/** Our FAT image of the sample tree: FAT12, as small as it can be, or FAT16, 5 MiB; FAT12 also inside a partition. */
export function sampleFat(type: 12 | 16, partitioned = false, tree = sampleTree()): Buffer {
  const plan = planFat(tree, {
    label: "config-2",
    time: TIME,
    serial: 0x1234abcd,
    partitioned,
    ...(type === 16 ? { sizeBytes: 5 << 20 } : {}),
  });
  if (plan.variant !== `FAT${type}`) throw new Error(`the sample is ${plan.variant}, not FAT${type}`);
  return planBytes(plan);
}

/**
 * The sample tree on the smallest FAT32 volume, 33 MiB in clusters of 512 bytes, by mkfs.vfat and mcopy: our own writer begins
 * FAT32 at 512 MiB only. The same bytes each time.
 */
export function sampleFat32(work: Workplace, tree: string): Buffer {
  work.run("mkfs.vfat", ["--invariant", "-F", "32", "-s", "1", "-n", "config-2", "-C", "fat32.img", "34000"]);
  work.run("mcopy", [
    "-i",
    "fat32.img",
    "-s",
    "-m",
    `${tree}/openstack`,
    `${tree}/ec2`,
    `${tree}/empty`,
    `${tree}/sector and one`,
    "::/",
  ]);
  return readFileSync(work.path("fat32.img"));
}

/** The sample tree as files below a directory of the workplace, with a symbolic link and a directory nine levels down. */
export function writeSampleTree(work: Workplace, name: string, tree = sampleTree()): string {
  const root = work.path(name);
  const paths = new Set<string>();
  const put = (path: string, bytes: Uint8Array) => {
    mkdirSync(dirname(`${root}/${path}`), { recursive: true });
    writeFileSync(`${root}/${path}`, bytes);
    for (let part = path; part !== "."; part = dirname(part)) paths.add(part);
  };
  for (const { path, data } of tree.files) put(path, data.bytes ?? new Uint8Array());
  put("d1/d2/d3/d4/d5/d6/d7/d8/d9/deep", Buffer.from("deep"));
  for (const { path } of tree.directories ?? []) mkdirSync(`${root}/${path}`, { recursive: true });
  symlinkSync("../d1/./d2", `${root}/link`);
  for (const path of paths) utimesSync(`${root}/${path}`, TIME, TIME);
  utimesSync(root, TIME, TIME);
  return root;
}
