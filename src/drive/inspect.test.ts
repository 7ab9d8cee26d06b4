import { createHash, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { AskedContent } from "./spec.js";

const call = callOf("p1");
const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const tree = (files: Readonly<Record<string, string>>): AskedContent => ({
  kind: "files",
  files: Object.entries(files).map(([path, text]) => ({ path, data: { kind: "content", bytes: Buffer.from(text) } })),
  directories: [],
});

test.each(["iso9660", "vfat"] as const)("a %s image is told file by file, as it was read back", async (format) => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id, generations } = await rig.service.populate(
    blob("", { content: tree({ "a/b": "hello", c: "" }), format }),
    call,
  );
  const image = await rig.service.inspect({ driveId: id, generation: 0 }, call);
  const [built] = generations;
  expect(image).toMatchObject({
    generation: 1,
    format,
    label: "config-2",
    sizeBytes: built?.sizeBytes,
    sha256: built?.sha256,
  });
  expect(image.uuid).not.toBe("");
  expect(image.entries.map(({ path, kind, sizeBytes, sha256 }) => [path, kind, sizeBytes, sha256])).toEqual([
    ["a", "directory", 0, ""],
    ["a/b", "file", 5, digest("hello")],
    ["c", "file", 0, digest("")],
  ]);
});

test("a raw image has no entries; a generation that is not there is refused, as is another's drive", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  expect(await rig.service.inspect({ driveId: id, generation: 1 }, call)).toMatchObject({
    format: "raw",
    label: "",
    entries: [],
  });
  await expect(rig.service.inspect({ driveId: id, generation: 2 }, call)).rejects.toMatchObject({
    reason: "DRIVE_NOT_READY",
  });
  await expect(rig.service.inspect({ driveId: id, generation: 0 }, callOf("p2"))).rejects.toMatchObject({
    reason: "DRIVE_NOT_FOUND",
  });
});

test("the diff is what the next refresh changes, and nothing once it is shown", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("", { content: tree({ same: "s", gone: "g", changed: "1" }) }), call);
  expect((await rig.service.diff(id, call)).changes.map(({ path, before }) => [path, before])).toEqual([
    ["changed", undefined],
    ["gone", undefined],
    ["same", undefined],
  ]);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  expect(await rig.service.diff(id, call)).toEqual({ applied: 1, pending: 1, changes: [] });
  const content = tree({ same: "s", changed: "2", new: "n" });
  await rig.service.populate(blob("", { content, driveId: id, whenAttached: "stage" }), call);
  const { applied, pending, changes } = await rig.service.diff(id, call);
  expect([applied, pending]).toEqual([1, 2]);
  expect(changes.map(({ path, before, after }) => [path, before?.sha256, after?.sha256])).toEqual([
    ["changed", digest("1"), digest("2")],
    ["gone", digest("g"), undefined],
    ["new", undefined, digest("n")],
  ]);
  await rig.service.refresh({ requestId: randomUUID(), driveId: id, force: false }, call);
  expect((await rig.service.diff(id, call)).changes).toEqual([]);
});

test("two raw volumes differ as one", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  await rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
  expect((await rig.service.diff(id, call)).changes).toMatchObject([
    { path: "", before: { sizeBytes: 512 }, after: { sizeBytes: 512 } },
  ]);
});

test("an image that was spoilt in its place is told as it is", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id, generations } = await rig.service.populate(blob("", { content: tree({ a: "x" }) }), call);
  const bytes = Buffer.alloc(generations[0]?.sizeBytes ?? 0, 0xff);
  await writeFile(join(rig.directory, "images", id, "1.img"), bytes);
  const image = await rig.service.inspect({ driveId: id, generation: 0 }, call);
  expect(image).toMatchObject({ format: "raw", entries: [] });
  expect(image.sha256).not.toBe(generations[0]?.sha256);
});
