import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MachineModel } from "#fake/machine-model.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { driveState } from "./drive.js";
import { instanceDriveId } from "./instance-drive-id.js";
import type { BuildInstanceDrive } from "./use-cases.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";

function building(text: string, wish: Partial<BuildInstanceDrive> = {}): BuildInstanceDrive {
  const files = [
    { path: "openstack/latest/user_data", data: { kind: "content" as const, bytes: Buffer.from(text) } },
    { path: "ec2/latest/user-data", data: { kind: "same_as" as const, path: "openstack/latest/user_data" } },
  ];
  const content = { kind: "files" as const, files, directories: [] };
  return {
    requestId: randomUUID(),
    instanceId: INSTANCE,
    host: "here",
    role: "config",
    content,
    sizeBytes: 0,
    ...wish,
  };
}

test("the ids follow from instance and role, as RFC 9562 makes a UUID of a name", () => {
  expect(instanceDriveId(INSTANCE, "config")).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(instanceDriveId(INSTANCE, "config")).toBe(instanceDriveId(INSTANCE, "config"));
  expect(instanceDriveId(INSTANCE, "rescue")).not.toBe(instanceDriveId(INSTANCE, "config"));
});

test("the image stands where the manager copies it, and nobody is said to have the drive", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const request = building("one");
  const { drive, generation, image } = await rig.service.buildInstanceDrive(request, call);
  expect(drive).toMatchObject({ id: instanceDriveId(INSTANCE, "config"), projectId: "p1", attachments: [] });
  expect(driveState(drive)).toBe("AVAILABLE");
  expect(generation).toMatchObject({ number: 1, format: "iso9660", label: "config-2" });
  const bytes = await readFile(image.path);
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(generation.sha256);
  expect(await rig.service.buildInstanceDrive(request, call)).toEqual({ drive, generation, image });
});

test("a later build is the next generation of the same drive, and a rescue system has a drive of its own", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const first = await rig.service.buildInstanceDrive(building("one"), call);
  const second = await rig.service.buildInstanceDrive(building("two", { format: "vfat" }), call);
  expect(second.drive.id).toBe(first.drive.id);
  expect(second.generation).toMatchObject({ number: 2, format: "vfat" });
  const rescue = await rig.service.buildInstanceDrive(building("three", { role: "rescue" }), call);
  expect(rescue.drive.id).not.toBe(first.drive.id);
});

test("another project's drive of the same instance, and a host that is not served, are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await rig.service.buildInstanceDrive(building("one"), call);
  await expect(rig.service.buildInstanceDrive(building("two"), callOf("p2"))).rejects.toMatchObject({
    reason: "DRIVE_NOT_FOUND",
  });
  await expect(rig.service.buildInstanceDrive(building("two", { host: "there" }), call)).rejects.toMatchObject({
    reason: "HOST_UNKNOWN",
  });
});

test("a drive that no attach ever told of goes with its instance", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { drive } = await rig.service.buildInstanceDrive(building("one"), call);
  const release = { requestId: randomUUID(), instanceId: INSTANCE, host: "" };
  expect(await rig.service.releaseInstance(release, call)).toEqual({ deleted: [drive.id], kept: [] });
  expect(await rig.files()).toEqual([]);
});
