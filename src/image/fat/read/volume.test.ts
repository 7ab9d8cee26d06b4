import { fileChunks } from "../../contents.js";
import { bytesInput } from "../../input/input.js";
import { openImage } from "../../open.js";
import { planBytes } from "../../plan-bytes.js";
import { fromBytes } from "../../tree.js";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../../volume.js";
import { planFat } from "../plan-fat.js";

const text = (path: string, content = path) => ({ path, data: fromBytes(Buffer.from(content)) });
const OPTIONS = { label: "config-2", time: new Date("2026-11-22T17:00:02Z"), serial: 0x0012abcd };

function image(partitioned = false): Buffer {
  const files = [text("openstack/latest/user_data", "x".repeat(3000)), text("Größe \u{1f600}.txt"), text("SHORT.TXT")];
  return planBytes(planFat({ files }, { ...OPTIONS, partitioned }));
}

const open = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  openImage(bytesInput(bytes), { limits: { ...DEFAULT_READ_LIMITS, ...limits } });

/** Where an entry begins, by its short name. */
const entryOf = (bytes: Buffer, name: string) => bytes.indexOf(name, 512, "latin1");

test("a volume says its label, its serial number and its type, inside a partition too", () => {
  const info = { format: "vfat", variant: "FAT12", label: "config-2", uuid: "0012-ABCD", nameSpaces: ["vfat"] };
  expect(open(image()).info).toMatchObject(info);
  const inside = open(image(true)).info;
  expect(inside).toMatchObject(info);
  expect(inside.partition?.offset).toBe(1024 * 1024);
});

test("files have their long names, their bytes and their times", () => {
  const volume = open(image(true));
  const files = volume.entries.filter(({ kind }) => kind === "file");
  const contents = files.map((entry) => [
    entry.path,
    Buffer.concat([...fileChunks(volume, entry)]).toString(),
    entry.mtime,
  ]);
  expect(contents).toContainEqual(["Größe \u{1f600}.txt", "Größe \u{1f600}.txt", OPTIONS.time]);
  expect(contents).toContainEqual(["SHORT.TXT", "SHORT.TXT", OPTIONS.time]);
  expect(contents).toContainEqual(["openstack/latest/user_data", "x".repeat(3000), OPTIONS.time]);
});

test("a chain that is shorter than its file is refused when the file is read", () => {
  const bytes = image();
  bytes.writeUInt32LE(100_000, entryOf(bytes, "SHORT   TXT") + 28);
  const volume = open(bytes);
  const entry = volume.entries.find(({ path }) => path === "SHORT.TXT")!;
  expect(() => [...fileChunks(volume, entry)]).toThrow(
    "SHORT.TXT: its clusters hold 512 bytes of the size that it states (got 100000)",
  );
});

test("a directory that leads to its parent's clusters is refused, and so is a volume beyond the limits", () => {
  const bytes = image();
  expect(() => open(bytes, { entries: 2 })).toThrow("image: has more files than the limit (got 2)");
  expect(() => open(bytes, { depth: 1 })).toThrow("openstack/latest: directories are at most 1 deep (got 2)");
  expect(() => open(bytes, { path: 9 })).toThrow("image: a path has at most 9 characters (got 16)");
  expect(() => open(bytes, { steps: 5 })).toThrow("more steps than the limit");
  expect(() => open(bytes, { structureBytes: 100 })).toThrow(
    "FAT: directories and tables together have at most 100 bytes",
  );
  const parent = bytes.readUInt16LE(entryOf(bytes, "OPENST") + 26);
  bytes.writeUInt16LE(parent, entryOf(bytes, "LATEST     ") + 26);
  expect(() => open(bytes)).toThrow(`openstack/latest: two entries lead to this directory's clusters (got ${parent})`);
});
