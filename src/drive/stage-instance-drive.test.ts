import { createHash, randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { MachineModel } from "#fake/machine-model.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { instanceDriveId } from "./instance-drive-id.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";

const built = (text: string) => ({
  ...{ requestId: randomUUID(), instanceId: INSTANCE, host: "here", role: "config" as const, sizeBytes: 0 },
  content: {
    kind: "files" as const,
    files: [{ path: "note", data: { kind: "content" as const, bytes: Buffer.from(text) } }],
    directories: [],
  },
});
const staged = (generation: number, host = "here") => ({ instanceId: INSTANCE, host, generation });

test("the generation that is asked for stands on the host, or the pending one", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const first = await rig.service.buildInstanceDrive(built("one"), call);
  const device = { kind: "cdrom", bus: "ide", name: "hda", reason: "nova chose it" } as const;
  const told = { requestId: randomUUID(), instanceId: INSTANCE, host: "here", shown: { generation: 1, device } };
  await rig.service.recordInstanceDrive(told, call);
  const second = await rig.service.buildInstanceDrive(built("two"), call);
  const applied = await rig.service.stageInstanceDrive(staged(1), call);
  expect(applied).toMatchObject({ generation: first.generation, image: first.image });
  expect(await rig.service.stageInstanceDrive(staged(0), call)).toMatchObject({ generation: second.generation });
});

test("an image that was lost stands there again, with the bytes on record", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { image } = await rig.service.buildInstanceDrive(built("one"), call);
  await rm(image.path);
  const again = await rig.service.stageInstanceDrive(staged(1), call);
  expect(
    createHash("sha256")
      .update(await readFile(again.image.path))
      .digest("hex"),
  ).toBe(again.generation.sha256);
});

test("a drive that was never built, another project's, a generation that is not there and an unknown host are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { service } = rig;
  await expect(service.stageInstanceDrive(staged(0), call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  const { drive } = await service.buildInstanceDrive(built("one"), call);
  expect(drive.id).toBe(instanceDriveId(INSTANCE, "config"));
  const others = callOf("p2");
  await expect(service.stageInstanceDrive(staged(0), others)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  await expect(service.stageInstanceDrive(staged(2), call)).rejects.toMatchObject({ reason: "DRIVE_NOT_READY" });
  await expect(service.stageInstanceDrive(staged(1, "there"), call)).rejects.toMatchObject({ reason: "HOST_UNKNOWN" });
});
