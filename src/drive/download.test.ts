import { createHash, randomBytes, randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { Download } from "./download.js";

const call = callOf("p1");
const bytes = randomBytes(2000 * 512);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const volume = { content: { kind: "blob" as const, bytes } };

async function whole({ parts }: Download): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const part of parts) copies.push(Buffer.from(part));
  return Buffer.concat(copies);
}

test("an image comes whole, with its digest, each generation its own", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("", volume), call);
  const download = await rig.service.download({ driveId: id, generation: 0 }, call);
  expect(download.generation).toMatchObject({ number: 1, sizeBytes: bytes.length, sha256 });
  expect((await whole(download)).equals(bytes)).toBe(true);
});

test("one that was lost is written again first", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("", volume), call);
  await rm(join(rig.directory, "images", id, "1.img"));
  expect((await whole(await rig.service.download({ driveId: id, generation: 1 }, call))).equals(bytes)).toBe(true);
});

test("bytes that are not those on record end the download with a refusal", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("", volume), call);
  await writeFile(join(rig.directory, "images", id, "1.img"), Buffer.alloc(bytes.length));
  const download = await rig.service.download({ driveId: id, generation: 1 }, call);
  await expect(whole(download)).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
});

test("another project's drive, none, and a generation that is not there are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("", volume), call);
  const none = { reason: "DRIVE_NOT_FOUND" };
  await expect(rig.service.download({ driveId: id, generation: 0 }, callOf("p2"))).rejects.toMatchObject(none);
  await expect(rig.service.download({ driveId: randomUUID(), generation: 0 }, call)).rejects.toMatchObject(none);
  await expect(rig.service.download({ driveId: id, generation: 7 }, call)).rejects.toMatchObject({
    reason: "DRIVE_NOT_READY",
  });
});

test("a caller who goes away ends it", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("", volume), call);
  const controller = new AbortController();
  const download = await rig.service.download({ driveId: id, generation: 0 }, callOf("p1", controller.signal));
  const parts = download.parts[Symbol.asyncIterator]();
  await parts.next();
  controller.abort(new Error("gone"));
  await expect(parts.next()).rejects.toThrow("gone");
});
