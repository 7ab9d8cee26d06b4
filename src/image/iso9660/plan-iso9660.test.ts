import { createHash } from "node:crypto";
import { ImageRefusal } from "../refusal.js";
import { type FileEntry, type FileTree, fromBytes } from "../tree.js";
import { type IsoOptions, type IsoPlan, planIso9660 } from "./plan-iso9660.js";

const TIME = new Date("2026-11-22T16:49:02.123Z");
const OPTIONS: IsoOptions = { label: "config-2", time: TIME };

function file(path: string, text: string, more: Partial<FileEntry> = {}): FileEntry {
  return { path, data: fromBytes(Buffer.from(text)), ...more };
}

const TREE: FileTree = {
  files: [
    file("openstack/latest/meta_data.json", '{"uuid": "1"}'),
    file("openstack/latest/user_data", "#cloud-config\n"),
    file("ec2/latest/user-data", "#cloud-config\n"),
    file("empty", ""),
    file("x".repeat(253), "long"),
  ],
};

/** The whole image; what the plan does not cover is poison here, so that reading a hole shows. */
function imageOf(plan: IsoPlan, hole = 0): Buffer {
  const image = Buffer.alloc(plan.size, hole);
  for (const { offset, data } of plan.extents) image.set(data.bytes ?? [], offset);
  return image;
}

function digestOf(plan: IsoPlan): string {
  return createHash("sha256").update(imageOf(plan)).digest("hex");
}

function both32(image: Buffer, offset: number): number {
  expect(image.readUInt32BE(offset + 4)).toBe(image.readUInt32LE(offset));
  return image.readUInt32LE(offset);
}

/** Identifiers of one directory's records, as latin1 or UCS-2. */
function recordsAt(image: Buffer, sector: number, length: number): { id: Buffer; extent: number; size: number }[] {
  const records: { id: Buffer; extent: number; size: number }[] = [];
  for (let o = sector * 2048; o < sector * 2048 + length; ) {
    const recordLength = image[o] ?? 0;
    if (recordLength === 0) {
      o = (Math.floor(o / 2048) + 1) * 2048;
      continue;
    }
    const id = image.subarray(o + 33, o + 33 + (image[o + 32] ?? 0));
    records.push({ id, extent: both32(image, o + 2), size: both32(image, o + 10) });
    o += recordLength;
  }
  return records;
}

describe("planIso9660", () => {
  it("gives these bytes, and no others, for this tree (change ISO_WRITER when they change)", () => {
    expect(digestOf(planIso9660(TREE, OPTIONS))).toBe(
      "ba5a597cd4a09b2f721fbed90ee0ffe07a135c88032b8555c9587efcaa4f4fea",
    );
  });

  it("does not let order of entries, time zone or identity of equal bytes change a byte", () => {
    const digest = digestOf(planIso9660(TREE, OPTIONS));
    const zone = process.env.TZ;
    try {
      process.env.TZ = "Pacific/Chatham";
      const copies = TREE.files.map((entry) => ({ ...entry, data: fromBytes(Buffer.from(entry.data.bytes ?? [])) }));
      expect(digestOf(planIso9660({ files: copies.toReversed() }, OPTIONS))).toBe(digest);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("writes both descriptors with equal label, dates and volume space size", () => {
    const plan = planIso9660(TREE, { ...OPTIONS, publisher: "OpenStack Nova", sizeBytes: 1 << 20 });
    const image = imageOf(plan);
    const [pvd, svd] = [image.subarray(16 * 2048, 17 * 2048), image.subarray(17 * 2048, 18 * 2048)];
    expect(image.subarray(0, 16 * 2048).every((byte) => byte === 0)).toBe(true);
    expect(pvd.toString("latin1", 0, 8)).toBe("\x01CD001\x01\0");
    expect(svd.toString("latin1", 0, 8)).toBe("\x02CD001\x01\0");
    expect(image.toString("latin1", 18 * 2048, 18 * 2048 + 7)).toBe("\xffCD001\x01");
    expect(pvd.toString("latin1", 40, 72)).toBe("config-2".padEnd(32));
    expect(Buffer.from(svd.subarray(40, 72)).swap16().toString("utf16le")).toBe("config-2".padEnd(16));
    expect(pvd.toString("latin1", 318, 446)).toBe("OpenStack Nova".padEnd(128));
    expect(svd.toString("latin1", 88, 91)).toBe("%/E");
    for (const descriptor of [pvd, svd]) {
      expect(both32(descriptor, 80)).toBe(512);
      expect(descriptor.toString("latin1", 813, 847)).toBe("2026112216490212\0".repeat(2));
      expect(descriptor.toString("latin1", 847, 881)).toBe("0000000000000000\0".repeat(2));
    }
    expect(plan.size).toBe(1 << 20);
  });

  it("lists the same data under plain and Joliet names, and equal files at one place", () => {
    const image = imageOf(planIso9660(TREE, OPTIONS));
    const dirs = (descriptor: number): { id: Buffer; extent: number; size: number }[] =>
      recordsAt(image, both32(image, descriptor + 158), both32(image, descriptor + 166));
    const plain = dirs(16 * 2048);
    const joliet = dirs(17 * 2048);
    expect(plain.map((r) => r.id.toString("latin1"))).toEqual([
      "\0",
      "\x01",
      "EC2",
      "EMPTY.;1",
      "OPENSTACK",
      `${"X".repeat(30)}.;1`,
    ]);
    expect(joliet.slice(2).map((r) => Buffer.from(r.id).swap16().toString("utf16le"))).toEqual([
      "ec2",
      "empty;1",
      "openstack",
      `${"x".repeat(64)};1`,
    ]);
    expect(plain[5]?.extent).toBe(joliet[5]?.extent);
    expect(plain[3]).toMatchObject({ extent: 0, size: 0 });
    const placed = planIso9660(TREE, OPTIONS).extents.filter(({ data }) => TREE.files.some((one) => one.data === data));
    expect(placed.map((extent) => extent.data.size)).toEqual([14, 13, 4]);
  });

  it("copies no file data: extents hold the caller's own sources, ascending, within the image", () => {
    const plan = planIso9660(TREE, OPTIONS);
    const sources = new Set(TREE.files.map((entry) => entry.data));
    // Two files are equal, one is empty.
    expect(plan.extents.slice(-3).every(({ data }) => sources.has(data))).toBe(true);
    let end = 0;
    for (const { offset, data } of plan.extents) {
      expect(offset % 2048).toBe(0);
      expect(offset).toBeGreaterThanOrEqual(end);
      end = offset + data.size;
    }
    expect(plan.size).toBe(Math.ceil(end / 2048) * 2048);
  });

  it("puts the name that does not fit its record into a continuation area, in two NM entries past 250 bytes", () => {
    const image = imageOf(planIso9660(TREE, OPTIONS), 0xd1);
    const first = image.indexOf(Buffer.from(`NM\xff\x01\x01${"x".repeat(250)}`, "latin1"));
    expect(first).toBeGreaterThan(0);
    expect(image.toString("latin1", first + 255, first + 263)).toBe("NM\x08\x01\0xxx");
  });

  it("takes the name of a Windows device for any other where no Windows reads it", () => {
    expect(planIso9660({ files: [file("nul", "")] }, OPTIONS).jolietAltered).toEqual([]);
  });

  it("tells which Joliet names are not the true ones", () => {
    expect(planIso9660(TREE, OPTIONS).jolietAltered).toEqual([{ path: "x".repeat(253), name: "x".repeat(64) }]);
  });

  it.each<[string, FileTree, Partial<IsoOptions>, string]>([
    ["a name of 254 bytes", { files: [file(`d/${"é".repeat(127)}`, "")] }, {}, "files[0].path"],
    [
      "a Windows device where Windows reads",
      { files: [file("d/a", ""), file("aux.d/a", "")] },
      { windowsNames: true },
      "files[1].path",
    ],
    ["an empty label", TREE, { label: "" }, "label"],
    ["a label over 16", TREE, { label: "l".repeat(17) }, "label"],
    ["a label outside ASCII", TREE, { label: "é" }, "label"],
    ["a label that Joliet forbids", TREE, { label: "a:b" }, "label"],
    ["a label with a space at its end", TREE, { label: "a " }, "label"],
    ["a publisher over 64", TREE, { publisher: "p".repeat(65) }, "publisher"],
    ["a size that is too small", TREE, { sizeBytes: 2048 }, "sizeBytes"],
    ["a size that is no multiple of 2048", TREE, { sizeBytes: 1_000_000 }, "sizeBytes"],
    ["a time before 1900", TREE, { time: new Date("1899-12-31T23:59:59Z") }, "time"],
    ["a time after 2155", TREE, { time: new Date("2156-01-01T00:00:00Z") }, "time"],
    ["no time", TREE, { time: new Date("no") }, "time"],
    ["a file's date after 2155", { files: [file("f", "", { mtime: new Date("2200-01-01") })] }, {}, "files[0].mtime"],
    ["a file of 4 GiB", { files: [{ path: "f", data: { size: 2 ** 32, async *read() {} } }] }, {}, "files[0].data"],
  ])("refuses %s and names the field", (_, tree, options, field) => {
    const plan = (): IsoPlan => planIso9660(tree, { ...OPTIONS, ...options });
    expect(plan).toThrow(ImageRefusal);
    expect(plan).toThrow(expect.objectContaining({ path: field }));
  });

  it("refuses 65,536 directories: the parent's number has 16 bits", () => {
    const directories = Array.from({ length: 65_535 }, (_, i) => ({ path: `d${i}` }));
    expect(() => planIso9660({ files: [], directories }, OPTIONS)).toThrow(expect.objectContaining({ path: "tree" }));
  });
});
