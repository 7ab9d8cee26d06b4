import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { pendingGeneration } from "./drive.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");

test("a new drive holds exactly the bytes, and says so by size and digest", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const drive = await rig.service.populate(blob("hello"), call);
  expect(drive).toMatchObject({ projectId: "p1", deleteOnTermination: true, attachments: [] });
  expect(drive.generations).toMatchObject([
    {
      number: 1,
      state: "READY",
      format: "raw",
      label: "",
      sizeBytes: 512,
      sha256: createHash("sha256").update("hello").update(Buffer.alloc(507)).digest("hex"),
    },
  ]);
  expect(await readFile(join(rig.directory, "images", drive.id, "1.img"))).toEqual(
    Buffer.concat([Buffer.from("hello"), Buffer.alloc(507)]),
  );
  expect(await rig.service.get(drive.id, call)).toEqual(drive);
});

test("a tree becomes a labelled file system, a blob is padded to the size asked for", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const files = {
    kind: "files",
    files: [{ path: "a", data: { kind: "content", bytes: Buffer.from("x") } }],
    directories: [],
  } as const;
  const tree = await rig.service.populate(blob("", { content: files }), call);
  expect(tree.generations).toMatchObject([{ format: "iso9660", label: "config-2", state: "READY" }]);
  const padded = await rig.service.populate(blob("abc", { sizeBytes: 4096 }), call);
  const bytes = await readFile(join(rig.directory, "images", padded.id, "1.img"));
  expect(bytes).toEqual(Buffer.concat([Buffer.from("abc"), Buffer.alloc(4093)]));
});

test("the same request again gives the same drive, another one under its id is refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const request = blob("one");
  const [first, second] = await Promise.all([rig.service.populate(request, call), rig.service.populate(request, call)]);
  const third = await rig.service.populate({ ...request }, call);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  await expect(rig.service.populate({ ...request, sizeBytes: 9 }, call)).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  await expect(rig.service.delete({ requestId: request.requestId, driveId: first.id }, call)).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  const elsewhere = await rig.service.populate(request, callOf("p2"));
  expect(elsewhere.id).not.toBe(first.id);
});

test("new content makes the next generation, and only the pending one is kept of a detached drive", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  const drive = await rig.service.populate(blob("two", { driveId: id }), call);
  expect(drive.generations.map(({ number }) => number)).toEqual([2]);
  expect(await rig.files()).toEqual([`${id}/2.img`]);
  expect(await rig.catalog.spec(id, 1)).toBeUndefined();
  expect((await rig.catalog.spec(id, 2))?.content).toEqual({ kind: "blob", bytes: Buffer.from("two") });
});

test("while attached: refused, or staged, or shown at once", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);

  await expect(rig.service.populate(blob("two", { driveId: id }), call)).rejects.toMatchObject({
    reason: "DRIVE_ATTACHED",
    metadata: { instance_id: "i1" },
  });
  const staged = await rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
  expect(pendingGeneration(staged)?.number).toBe(2);
  expect(staged.attachments).toMatchObject([{ desiredGeneration: 1, observedGeneration: 1 }]);
  expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
  const shown = await rig.service.populate(blob("three", { driveId: id, whenAttached: "refresh" }), call);
  expect(shown.attachments).toMatchObject([{ state: "ATTACHED", desiredGeneration: 3, observedGeneration: 3 }]);
  expect(machines.seenBy("i1")).toEqual({ [id]: 3 });
  expect(await rig.files()).toEqual([`${id}/3.img`]);
});

test("what is too large or cannot be is refused before anything is written", async () => {
  const limits = { ...defaultLimits, contentBytes: 4 };
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { limits } });
  await expect(rig.service.populate(blob("12345"), call)).rejects.toMatchObject({
    reason: "CONTENT_TOO_LARGE",
    violations: [{ field: "blob.data", rule: "at most 4 bytes of content" }],
  });
  await expect(rig.service.populate(blob("1234", { sizeBytes: 3 }), call)).rejects.toMatchObject({
    reason: "VOLUME_TOO_SMALL",
  });
  await expect(rig.service.populate(blob("1234", { format: "iso9660" }), call)).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "format" }],
  });
  const files = {
    kind: "files",
    files: [{ path: "a", data: { kind: "same_as", path: "b" } }],
    directories: [],
  } as const;
  await expect(rig.service.populate(blob("", { content: files }), call)).rejects.toMatchObject({
    violations: [{ field: "files.files[0].same_as" }],
  });
  expect(await rig.files()).toEqual([]);
  expect(await rig.service.list({ instanceId: "", pageSize: 0, pageToken: "" }, call)).toEqual({
    drives: [],
    nextPageToken: "",
  });
});

test("a volume that the image does not fit into is refused by the image's size", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const files = {
    kind: "files",
    files: [{ path: "a", data: { kind: "content", bytes: Buffer.from("x") } }],
    directories: [],
  } as const;
  await expect(rig.service.populate(blob("", { content: files, sizeBytes: 2048 }), call)).rejects.toMatchObject({
    reason: "VOLUME_TOO_SMALL",
  });
});

test("a drive of another project is not there", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  const other = callOf("p2");
  await expect(rig.service.populate(blob("two", { driveId: id }), other)).rejects.toMatchObject({
    reason: "DRIVE_NOT_FOUND",
  });
  await expect(rig.service.get(id, other)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  await rig.service.delete({ requestId: randomUUID(), driveId: id }, other);
  expect(await rig.service.get(id, call)).toMatchObject({ id });
});
