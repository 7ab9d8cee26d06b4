import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { Device, Drive } from "./drive.js";
import type { ConnectDrive } from "./use-cases.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const OTHER = "5d0c1c52-9a4f-4b0e-8a55-9d8d4a2e7c12";
const device: Device = { kind: "disk", bus: "virtio", name: "vdb", reason: "nova chose it" };

const connecting = ({ id }: Drive, change: Partial<ConnectDrive> = {}): ConnectDrive => ({
  ...{ requestId: randomUUID(), driveId: id, instanceId: INSTANCE, host: "here", device, running: false },
  ...change,
});
const leaving = ({ id }: Drive, instanceId = INSTANCE) => ({
  ...{ requestId: randomUUID(), driveId: id, instanceId, host: "here" },
});

test("a connected drive is in use by the word of its manager, and its image stands where the answer says", async () => {
  const machines = new MachineModel();
  machines.refuse("observe", "HYPERVISOR_UNREACHABLE");
  await using rig = await DriveServiceRig.open(machines);
  const made = await rig.service.populate(blob("one"), call);
  const request = connecting(made);
  const { drive, generation, image } = await rig.service.connect(request, call);
  expect(drive.attachments).toMatchObject([
    { instanceId: INSTANCE, host: "here", state: "ATTACHED", desiredGeneration: 1, observedGeneration: 1, device },
  ]);
  expect(generation.number).toBe(1);
  expect((await readFile(image.path)).subarray(0, 3).toString()).toBe("one");
  expect(await rig.service.connect(request, call)).toEqual({ drive, generation, image });
  await expect(rig.service.delete({ requestId: randomUUID(), driveId: made.id }, call)).rejects.toMatchObject({
    reason: "DRIVE_ATTACHED",
  });
});

test("a connect anew has what was staged meanwhile", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const made = await rig.service.populate(blob("one"), call);
  await rig.service.connect(connecting(made), call);
  await rig.service.populate(blob("two", { driveId: made.id, whenAttached: "stage" }), call);
  const { generation, drive } = await rig.service.connect(connecting(made), call);
  expect(generation.number).toBe(2);
  expect(drive.attachments).toMatchObject([{ desiredGeneration: 2, observedGeneration: 2 }]);
});

test("another instance waits until the drive is disconnected, and its own disconnect takes nothing from the first", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const made = await rig.service.populate(blob("one"), call);
  await rig.service.connect(connecting(made), call);
  const wanted = connecting(made, { instanceId: OTHER });
  await expect(rig.service.connect(wanted, call)).rejects.toMatchObject({ reason: "ATTACHED_ELSEWHERE" });
  expect((await rig.service.disconnect(leaving(made, OTHER), call)).attachments).toHaveLength(1);
  expect((await rig.service.disconnect(leaving(made), call)).attachments).toEqual([]);
  expect((await rig.service.connect(wanted, call)).drive.attachments).toMatchObject([{ instanceId: OTHER }]);
});

test("a release of the instance passes over a drive that outlives it and was disconnected", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const kept = await rig.service.populate(blob("kept", { deleteOnTermination: false }), call);
  const gone = await rig.service.populate(blob("gone"), call);
  for (const drive of [kept, gone]) {
    await rig.service.connect(connecting(drive), call);
    await rig.service.disconnect(leaving(drive), call);
  }
  const release = { requestId: randomUUID(), instanceId: INSTANCE, host: "here" };
  expect(await rig.service.releaseInstance(release, call)).toMatchObject({ deleted: [gone.id], kept: [] });
});

test("a drive that is not there and a host that is not served are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const made = await rig.service.populate(blob("one"), call);
  const unknown = connecting(made, { driveId: randomUUID() });
  await expect(rig.service.connect(unknown, call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  await expect(rig.service.connect(connecting(made, { host: "there" }), call)).rejects.toMatchObject({
    reason: "HOST_UNKNOWN",
  });
  expect((await rig.service.get(made.id, call)).attachments).toEqual([]);
});
