import { writeFileSync } from "node:fs";
import { planFat } from "#image/fat/plan-fat.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { planBytes } from "#image/plan-bytes.js";
import { type FileTree, fromBytes } from "#image/tree.js";
import { Guest } from "../../rigs/guest.js";
import { FULL } from "../form.js";
import { digestsOf, fitsFat, withoutModes } from "../random-trees.js";
import { readBack } from "../read-back.js";
import { treesFor } from "../readers/trees.js";
import { Workplace } from "../workplace.js";
import { type AttachedImage, devicesByTarget, imageArguments, kernelView } from "./kernel-view.js";

const TIME = new Date("2026-11-22T17:00:00Z");

interface Written {
  readonly format: "iso9660" | "vfat";
  readonly tree: FileTree;
  readonly bytes: Buffer;
  readonly path: string;
}

const work = new Workplace();
const images: Written[] = [];
let guest: Guest;
let devices: Map<number, string>;

/** As an ISO 9660 image is a disk on target 2n and a CD-ROM on 2n + 1. */
const disk = (index: number) => devices.get(2 * index) ?? "";
const cdrom = (index: number) => devices.get(2 * index + 1) ?? "";
const sorted = (map: ReadonlyMap<string, string>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

beforeAll(async () => {
  const trees = treesFor(fitsFat).slice(0, FULL ? 24 : 3);
  if (FULL) trees.push(thousandsOfFiles());
  for (const [index, tree] of trees.entries()) {
    add("iso9660", tree, planBytes(planIso9660(tree, { label: "config-2", time: TIME })));
    const sizeBytes = [undefined, 64 << 20, 520 << 20][index];
    const size = sizeBytes === undefined ? {} : { sizeBytes };
    add(
      "vfat",
      tree,
      planBytes(planFat(withoutModes(tree), { label: "config-2", time: TIME, serial: index, ...size })),
    );
  }
  const attached = images.flatMap(({ format, path }, index): AttachedImage[] => [
    { target: 2 * index, kind: "disk", path },
    ...(format === "iso9660" ? [{ target: 2 * index + 1, kind: "cdrom" as const, path }] : []),
  ]);
  guest = await Guest.start({ machine: "pc", args: imageArguments(attached) });
  devices = await devicesByTarget(guest, attached.length);
}, 180_000);

afterAll(async () => {
  await guest?.stop();
  work[Symbol.dispose]();
});

function add(format: Written["format"], tree: FileTree, bytes: Buffer): void {
  const path = work.path(`${images.length}.img`);
  writeFileSync(path, bytes);
  images.push({ format, tree, bytes, path });
}

function thousandsOfFiles(): FileTree {
  const files = Array.from({ length: 5000 }, (_, i) => ({
    path: `d${i % 50}/file ${i}`,
    data: fromBytes(Buffer.from(`${i}`)),
  }));
  return { files };
}

/** What Rock Ridge must show of everything that the tree names: mode, owner, group, time in the kernel's 32 bits. */
function attributesOf(tree: FileTree): Map<string, string> {
  const asked = [
    ...tree.files.map((entry) => ({ mode: 0o444, ...entry })),
    ...(tree.directories ?? []).map((entry) => ({ mode: 0o555, ...entry })),
  ];
  return new Map(
    asked.map(({ path, mode, uid = 0, gid = 0, mtime = TIME }) => [
      path,
      `${mode.toString(8)} ${uid} ${gid} ${(mtime.getTime() / 1000) | 0}`,
    ]),
  );
}

/** Linux's isofs takes a date through a signed 32-bit number: years after 2037 come out as ones before 1970. */
function in32Bits(attributes: string): string {
  return attributes.replace(/-?\d+$/, (seconds) => String(Number(seconds) | 0));
}

const isos = () => [...images.entries()].filter(([, { format }]) => format === "iso9660");

test("Linux shows the files of an ISO 9660 image by Rock Ridge, with modes, owners and times, on a disk and on a CD-ROM", async () => {
  for (const [index, { tree }] of isos()) {
    for (const device of [disk(index), cdrom(index)]) {
      const view = await kernelView(guest, device, "iso9660", "");
      expect(sorted(view.digests)).toEqual(sorted(digestsOf(tree)));
      const asked = attributesOf(tree);
      const found = [...view.attributes].filter(([path]) => asked.has(path));
      expect(sorted(new Map(found.map(([path, value]) => [path, in32Bits(value)])))).toEqual(sorted(asked));
      // Where the first root is empty Linux tries the other one, and says so.
      const empty = view.attributes.size === 0;
      expect(view.remarks.filter((line) => !(empty && line.endsWith("changing to secondary root")))).toEqual([]);
    }
  }
}, 400_000);

test("Linux shows the same files by their Joliet names", async () => {
  for (const [index, { bytes }] of isos()) {
    const view = await kernelView(guest, disk(index), "iso9660", "norock,utf8");
    expect(sorted(view.digests)).toEqual(sorted(readBack(bytes, "joliet").digests));
    expect(view.remarks).toEqual([]);
  }
}, 400_000);

test("Linux shows the same files by their plain names, in lower case", async () => {
  for (const [index, { bytes }] of isos()) {
    const view = await kernelView(guest, disk(index), "iso9660", "norock,nojoliet");
    const plain = [...readBack(bytes, "iso9660").digests].map(([path, digest]): [string, string] => [
      path.toLowerCase(),
      digest,
    ]);
    expect(sorted(view.digests)).toEqual(sorted(new Map(plain)));
    expect(view.remarks).toEqual([]);
  }
}, 400_000);

test("Linux shows the files of a FAT volume", async () => {
  for (const [index, { format, tree }] of images.entries()) {
    if (format !== "vfat") continue;
    const view = await kernelView(guest, disk(index), "vfat", "utf8,tz=UTC");
    expect(sorted(view.digests)).toEqual(sorted(digestsOf(tree)));
    const times = new Map([...view.attributes].map(([path, value]) => [path, Number(value.split(" ")[3])]));
    for (const { path, mtime = TIME } of tree.files)
      expect([path, times.get(path)]).toEqual([path, mtime.getTime() / 1000]);
    expect(view.remarks).toEqual([]);
  }
}, 400_000);
