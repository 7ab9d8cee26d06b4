import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { Device } from "./drive.js";
import { instanceDriveId } from "./instance-drive-id.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const device: Device = { kind: "cdrom", bus: "ide", name: "hda", reason: "nova chose it" };

const built = (text: string) => ({
  ...{ requestId: randomUUID(), instanceId: INSTANCE, host: "here", role: "config" as const, sizeBytes: 0 },
  content: {
    kind: "files" as const,
    files: [{ path: "note", data: { kind: "content" as const, bytes: Buffer.from(text) } }],
    directories: [],
  },
});
const told = (generation: number, host = "here") => ({
  ...{ requestId: randomUUID(), instanceId: INSTANCE, host, shown: { generation, device } },
});
const noMore = (host = "here") => ({ requestId: randomUUID(), instanceId: INSTANCE, host });

test("what a manager tells is taken as it is, and no hypervisor is asked", async () => {
  const machines = new MachineModel();
  machines.refuse("observe", "HYPERVISOR_UNREACHABLE");
  await using rig = await DriveServiceRig.open(machines);
  await rig.service.buildInstanceDrive(built("one"), call);
  const request = told(1);
  const drive = await rig.service.recordInstanceDrive(request, call);
  expect(drive).toMatchObject({
    id: instanceDriveId(INSTANCE, "config"),
    attachments: [{ instanceId: INSTANCE, host: "here", state: "ATTACHED", observedGeneration: 1, device }],
  });
  expect(await rig.service.recordInstanceDrive(request, call)).toEqual(drive);
});

test("a later word replaces an earlier one", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await rig.service.buildInstanceDrive(built("one"), call);
  await rig.service.recordInstanceDrive(told(1), call);
  await rig.service.buildInstanceDrive(built("two"), call);
  const { attachments } = await rig.service.recordInstanceDrive(told(2), call);
  expect(attachments).toMatchObject([{ desiredGeneration: 2, observedGeneration: 2 }]);
});

test("what is shown no more on a host is nobody's there, and still goes with its instance", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await rig.service.buildInstanceDrive(built("one"), call);
  await rig.service.recordInstanceDrive(told(1), call);
  const drive = await rig.service.recordInstanceDrive(noMore(), call);
  expect(drive).toMatchObject({ attachments: [], lastInstanceId: INSTANCE });
  expect(await rig.service.recordInstanceDrive(noMore(), call)).toEqual(drive);
  const released = { requestId: randomUUID(), instanceId: INSTANCE, host: "here" };
  expect(await rig.service.releaseInstance(released, call)).toMatchObject({ deleted: [drive.id] });
});

test("a generation that is not there, a drive that was never built and a host that is not served are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await expect(rig.service.recordInstanceDrive(told(1), call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  await rig.service.buildInstanceDrive(built("one"), call);
  await expect(rig.service.recordInstanceDrive(told(2), call)).rejects.toMatchObject({ reason: "DRIVE_NOT_READY" });
  await expect(rig.service.recordInstanceDrive(told(1, "there"), call)).rejects.toMatchObject({
    reason: "HOST_UNKNOWN",
  });
});
