import { createHash } from "node:crypto";
import { planBytes } from "../plan-bytes.js";
import { ImageRefusal } from "../refusal.js";
import { type FileEntry, type FileTree, fromBytes } from "../tree.js";
import { type FatOptions, type FatPlan, planFat } from "./plan-fat.js";

const OPTIONS: FatOptions = { label: "config-2", time: new Date("2026-11-22T16:49:03.120Z"), serial: 0x1234abcd };

function file(path: string, text: string, more: Partial<FileEntry> = {}): FileEntry {
  return { path, data: fromBytes(Buffer.from(text)), ...more };
}

const TREE: FileTree = {
  files: [file("openstack/latest/meta_data.json", '{"uuid": "1"}'), file("openstack/EMPTY", ""), file("A.TXT", "a")],
};

function digestOf(plan: FatPlan): string {
  return createHash("sha256").update(planBytes(plan)).digest("hex");
}

describe("planFat", () => {
  it("gives these bytes, and no others, for this tree", () => {
    expect(digestOf(planFat(TREE, OPTIONS))).toBe("26477e11fefa73764b1c369301233e7d3c057ed05221a353e71b2f62723ec43b");
    expect(digestOf(planFat(TREE, { ...OPTIONS, sizeBytes: 8 << 20, partitioned: true }))).toBe(
      "1d1a1bcb908b595cbf1cdf085f0a91478d29c868c72145ee3f7f7d243196ff9b",
    );
  });

  it("does not let the order of entries or the time zone change a byte", () => {
    const digest = digestOf(planFat(TREE, OPTIONS));
    const zone = process.env.TZ;
    try {
      process.env.TZ = "Pacific/Chatham";
      expect(digestOf(planFat({ files: TREE.files.toReversed() }, OPTIONS))).toBe(digest);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("writes the boot sector field by field", () => {
    const image = planBytes(planFat(TREE, OPTIONS));
    expect(image.toString("hex", 0, 3)).toBe("eb3c90");
    expect(image.toString("latin1", 3, 11)).toBe("MSWIN4.1");
    expect([image.readUInt16LE(11), image[13], image.readUInt16LE(14), image[16]]).toEqual([512, 1, 1, 2]);
    expect([image.readUInt16LE(17), image.readUInt16LE(19) * 512, image[21]]).toEqual([512, image.length, 0xf8]);
    expect(image.readUInt32LE(39)).toBe(0x1234abcd);
    expect(image.toString("latin1", 43, 62)).toBe("config-2   FAT12   ");
    expect(image.toString("hex", 510, 512)).toBe("55aa");
  });

  it("begins the root directory with the label, in its own letter case, dated in UTC", () => {
    const image = planBytes(planFat(TREE, OPTIONS));
    const root = (1 + 2 * image.readUInt16LE(22)) * 512;
    expect(image.toString("latin1", root, root + 12)).toBe("config-2   \x08");
    // 16:49:02 and 1.12 s; 2026-11-22.
    expect(image[root + 13]).toBe(112);
    expect(image.readUInt16LE(root + 14)).toBe((16 << 11) | (49 << 5) | 1);
    expect(image.readUInt16LE(root + 24)).toBe((46 << 9) | (11 << 5) | 22);
    expect(image.toString("latin1", root + 32, root + 44)).toBe("A       TXT\x20");
  });

  it("keeps FSInfo and the copies of FAT32's boot sector", () => {
    const plan = planFat(TREE, { ...OPTIONS, sizeBytes: 600 << 20 });
    const reserved = plan.extents[0]?.data.bytes ?? new Uint8Array();
    const view = Buffer.from(reserved);
    expect(plan.variant).toBe("FAT32");
    expect(view.subarray(6 * 512, 8 * 512).equals(view.subarray(0, 1024))).toBe(true);
    expect(view.toString("latin1", 512, 516)).toBe("RRaA");
    // Four clusters are taken: three directories and two files, one of them empty.
    expect(view.readUInt32LE(512 + 492)).toBe(2 + 5);
  });

  it("puts a volume into the one partition of a master boot record", () => {
    const image = planBytes(planFat(TREE, { ...OPTIONS, sizeBytes: 8 << 20, partitioned: true }));
    expect(image.readUInt32LE(440)).toBe(0x1234abcd);
    expect(image[446]).toBe(0);
    expect(image[450]).toBe(0x0e);
    expect([image.readUInt32LE(454), image.readUInt32LE(458)]).toEqual([2048, (7 << 20) / 512]);
    expect(image.readUInt32LE((1 << 20) + 28)).toBe(2048);
    expect(image.length).toBe(8 << 20);
  });

  it("copies no file data and leaves holes", () => {
    const plan = planFat(TREE, { ...OPTIONS, sizeBytes: 64 << 20 });
    expect(plan.extents.reduce((sum, { data }) => sum + data.size, 0)).toBeLessThan(20_000);
    const sources = TREE.files.map(({ data }) => data).filter(({ size }) => size > 0);
    expect(plan.extents.slice(-2).every(({ data }) => sources.includes(data))).toBe(true);
  });

  it.each<[string, FileTree, Partial<FatOptions>, string]>([
    [
      "names equal but for letter case",
      { files: [file("a", ""), file("d/É", ""), file("d/é", "")] },
      {},
      "files[2].path",
    ],
    ["a character that FAT forbids", { files: [file("a:b", "")] }, {}, "files[0].path"],
    ["a dot at the end", { files: [file("d./a", "")] }, {}, "files[0].path"],
    ["a space at the end", { files: [file("a ", "")] }, {}, "files[0].path"],
    ["a name over 255 units", { files: [file("n".repeat(256), "")] }, {}, "files[0].path"],
    ["a Windows device", { files: [file("d/NUL.txt", "")] }, {}, "files[0].path"],
    ["a mode", { files: [file("a", ""), file("b", "", { mode: 0o400 })] }, {}, "files[1].mode"],
    ["an owner", { files: [file("a", "", { uid: 0 })] }, {}, "files[0].uid"],
    ["a group of a directory", { files: [], directories: [{ path: "d", gid: 7 }] }, {}, "directories[0].gid"],
    ["a label over 11", TREE, { label: "l".repeat(12) }, "label"],
    ["a label that FAT forbids", TREE, { label: "a.b" }, "label"],
    ["an empty label", TREE, { label: "" }, "label"],
    ["a time before 1980", TREE, { time: new Date("1979-12-31T23:59:59Z") }, "time"],
    ["a file's date after 2107", { files: [file("f", "", { mtime: new Date("2108-01-01") })] }, {}, "files[0].mtime"],
    ["a serial of 33 bits", TREE, { serial: 2 ** 32 }, "serial"],
    ["a size that is too small", TREE, { sizeBytes: 8192 }, "sizeBytes"],
    ["a size of half a sector", TREE, { sizeBytes: 1_000_000 }, "sizeBytes"],
    ["a file of 4 GiB", { files: [{ path: "f", data: { size: 2 ** 32, async *read() {} } }] }, {}, "files[0].data"],
  ])("refuses %s and names the field", (_, tree, options, field) => {
    const plan = (): FatPlan => planFat(tree, { ...OPTIONS, ...options });
    expect(plan).toThrow(ImageRefusal);
    expect(plan).toThrow(expect.objectContaining({ path: field }));
  });

  it("refuses a directory of more than 65,536 entries", () => {
    const files = Array.from({ length: 22_000 }, (_, i) => file(`d/a name of two parts ${i}`, ""));
    expect(() => planFat({ files }, OPTIONS)).toThrow("65536 entries");
  });
});
