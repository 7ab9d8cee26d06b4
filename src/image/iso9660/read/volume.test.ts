import { fileChunks } from "../../contents.js";
import { bytesInput } from "../../input/input.js";
import { openImage } from "../../open.js";
import { planBytes } from "../../plan-bytes.js";
import { fromBytes } from "../../tree.js";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../../volume.js";
import { planIso9660 } from "../plan-iso9660.js";

const SECTOR = 2048;
const text = (path: string, content = path) => ({ path, data: fromBytes(Buffer.from(content)) });

function image(): Buffer {
  const files = [text("a/b/c/deep"), text("Größe.txt"), text("n".repeat(250))];
  return planBytes(planIso9660({ files }, { label: "config-2", time: new Date("2026-11-22T17:00:01.230Z") }));
}

const open = (bytes: Uint8Array, limits: Partial<ReadLimits> = {}) =>
  openImage(bytesInput(bytes), { limits: { ...DEFAULT_READ_LIMITS, ...limits } });
const pathsOf = (bytes: Uint8Array, limits?: Partial<ReadLimits>) =>
  open(bytes, limits).entries.map(({ path }) => path);

test("an image says its label, its UUID and its name spaces", () => {
  expect(open(image()).info).toMatchObject({
    format: "iso9660",
    label: "config-2",
    uuid: "2026-11-22-17-00-01-23",
    nameSpaces: ["rock-ridge", "joliet", "iso9660"],
  });
});

test("each directory stands directly before what it holds", () => {
  expect(pathsOf(image())).toEqual(["a", "a/b", "a/b/c", "a/b/c/deep", "Größe.txt", "n".repeat(250)]);
});

test("a name space that the image has not is refused", () => {
  const bytes = image();
  bytes[17 * SECTOR] = 3;
  expect(() => openImage(bytesInput(bytes), { nameSpace: "joliet" })).toThrow(
    'name space: this image has rock-ridge, iso9660 (got "joliet")',
  );
});

test("a directory that holds itself is refused, and so is a tree that is too deep or too large", () => {
  const bytes = image();
  expect(() => pathsOf(bytes, { depth: 2 })).toThrow("a/b/c: directories are at most 2 deep (got 3)");
  expect(() => pathsOf(bytes, { path: 4 })).toThrow("image: a path has at most 4 characters (got 5)");
  expect(() => pathsOf(bytes, { entries: 5 })).toThrow("image: has more files than the limit (got 5)");
  expect(() => pathsOf(bytes, { structureBytes: 3 * SECTOR })).toThrow(
    "directories and tables together have at most 6144 bytes",
  );
  const root = bytes.readUInt32LE(16 * SECTOR + 158);
  const record = bytes.indexOf(Buffer.from([1, "A".charCodeAt(0)]), root * SECTOR) - 32;
  bytes.writeUInt32LE(root, record + 2);
  expect(() => pathsOf(bytes)).toThrow(`a: two records lead to this directory's extent (got ${root})`);
});

test("a name that would leave its directory is made harmless", () => {
  const bytes = image();
  bytes.write("../x", bytes.indexOf("deep", bytes.readUInt32LE(16 * SECTOR + 158) * SECTOR), "latin1");
  expect(pathsOf(bytes)).toContain("a/b/c/..\ufffdx");
  bytes.write("NM\x07\x01\x00..", bytes.indexOf("NM\x09\x01\x00..", 0, "latin1"), "latin1");
  expect(pathsOf(bytes)).toContain("a/b/c/\ufffd");
});

test("a file that lies outside the image is refused when it is read, and not before", () => {
  const bytes = image();
  const volume = open(bytes.subarray(0, bytes.length - SECTOR));
  const read = (path: string) => {
    const entry = volume.entries.find((one) => one.path === path)!;
    return Buffer.concat([...fileChunks(volume, entry)]).toString();
  };
  const readable = volume.entries.filter(({ kind }) => kind === "file").map(({ path }) => path);
  const outcome = readable.map((path) => {
    try {
      return read(path) === path;
    } catch (error) {
      return String(error);
    }
  });
  expect(outcome.filter((one) => one === true)).toHaveLength(2);
  expect(outcome.filter((one) => typeof one === "string")).toEqual([
    expect.stringContaining(`its bytes lie inside the image of ${bytes.length - SECTOR} bytes`),
  ]);
});
