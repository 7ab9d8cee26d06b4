import { randomUUID } from "node:crypto";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { driveState } from "./drive.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");
const attachTo = (driveId: string, instanceId: string) => ({ requestId: randomUUID(), driveId, instanceId, host: "" });
const detachFrom = (driveId: string, instanceId = "") => ({
  requestId: randomUUID(),
  driveId,
  instanceId,
  force: false,
});
const refreshOf = (driveId: string) => ({ requestId: randomUUID(), driveId, force: false });
const deletionOf = (driveId: string) => ({ requestId: randomUUID(), driveId });

async function attached(machines: MachineModel, change = {}) {
  machines.start("i1");
  const rig = await DriveServiceRig.open(machines, { change });
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach(attachTo(id, "i1"), call);
  return { rig, id };
}

test("attach, refresh, detach, delete: the machine sees each, and nothing is left", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  await rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
  expect(await rig.service.refresh(refreshOf(id), call)).toMatchObject({ attachments: [{ observedGeneration: 2 }] });
  expect(machines.changes).toEqual(["attach i1 1", "refresh i1 2"]);
  expect(await rig.files()).toEqual([`${id}/2.img`]);
  expect(await rig.service.detach(detachFrom(id), call)).toMatchObject({ attachments: [] });
  await rig.service.delete(deletionOf(id), call);
  expect(await rig.files()).toEqual([]);
  await expect(rig.service.get(id, call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
});

test("what is so already is a success and changes nothing", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  expect(await rig.service.attach(attachTo(id, "i1"), call)).toMatchObject({ attachments: [{ instanceId: "i1" }] });
  await rig.service.refresh(refreshOf(id), call);
  const gone = detachFrom(id);
  await rig.service.detach(gone, call);
  await rig.service.detach(gone, call);
  await rig.service.detach(detachFrom(id), call);
  expect(machines.changes).toEqual(["attach i1 1", "detach i1"]);
  const deletion = deletionOf(id);
  await rig.service.delete(deletion, call);
  await rig.service.delete(deletion, call);
  await rig.service.delete(deletionOf(id), call);
});

test("a drive that another instance has, or that somebody has, is not taken", async () => {
  const machines = new MachineModel();
  machines.start("i2");
  const { rig, id } = await attached(machines);
  await using _ = rig;
  await expect(rig.service.attach(attachTo(id, "i2"), call)).rejects.toMatchObject({ reason: "ATTACHED_ELSEWHERE" });
  await expect(rig.service.attach({ ...attachTo(id, "i1"), kind: "disk" }, call)).rejects.toMatchObject({
    reason: "DRIVE_ATTACHED",
  });
  await expect(rig.service.detach(detachFrom(id, "i2"), call)).rejects.toMatchObject({ reason: "NOT_ATTACHED" });
  await expect(rig.service.delete(deletionOf(id), call)).rejects.toMatchObject({ reason: "DRIVE_ATTACHED" });
  await expect(rig.service.attach({ ...attachTo(id, "i1"), host: "far" }, call)).rejects.toMatchObject({
    reason: "HOST_UNKNOWN",
  });
  expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("one operation a drive: another one is refused while it is under way, the same one joins it", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const request = attachTo(id, "i1");
  const first = rig.service.attach(request, call);
  await attaching.reached;
  const again = rig.service.attach(request, call);
  expect(driveState(await rig.service.get(id, call))).toBe("CHANGING");
  for (const other of [
    rig.service.attach(attachTo(id, "i2"), call),
    rig.service.refresh(refreshOf(id), call),
    rig.service.detach(detachFrom(id), call),
    rig.service.delete(deletionOf(id), call),
    rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call),
  ]) {
    await expect(other).rejects.toMatchObject({ reason: "DRIVE_BUSY", message: expect.stringContaining("attach") });
  }
  attaching.release();
  expect(await again).toEqual(await first);
  expect(machines.changes).toEqual(["attach i1 1"]);
});

test("a deadline ends the wait, not the operation", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const request = attachTo(id, "i1");
  const impatient = new AbortController();
  const waiting = rig.service.attach(request, callOf("p1", impatient.signal));
  await attaching.reached;
  impatient.abort(new DOMException("too late", "TimeoutError"));
  await expect(waiting).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  attaching.release();
  expect(await rig.service.attach(request, call)).toMatchObject({ attachments: [{ state: "ATTACHED" }] });
  expect(machines.changes).toEqual(["attach i1 1"]);
});

describe("a step that is refused leaves the drive as before", () => {
  test.each([false, true])("attach (the device had come: %p), and the same request works later", async (after) => {
    const machines = new MachineModel();
    machines.start("i1");
    await using rig = await DriveServiceRig.open(machines);
    const before = await rig.service.populate(blob("one"), call);
    const request = attachTo(before.id, "i1");
    machines.refuse("attach", "HYPERVISOR_FAILED", { after });
    await expect(rig.service.attach(request, call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
    const now = await rig.service.get(before.id, call);
    expect({ ...now, updatedAt: before.updatedAt, revision: before.revision }).toEqual(before);
    expect(machines.seenBy("i1")).toEqual({});
    expect(rig.reports.at(-1)).toMatchObject({ kind: "attach", outcome: "undone", reason: "HYPERVISOR_FAILED" });
    await expect(
      rig.service.detach({ ...detachFrom(before.id), requestId: request.requestId }, call),
    ).rejects.toMatchObject({
      reason: "REQUEST_ID_REUSED",
    });
    expect(await rig.service.attach(request, call)).toMatchObject({ attachments: [{ state: "ATTACHED" }] });
  });

  test.each([false, true])("refresh (the medium had changed: %p): the old generation is shown again", async (after) => {
    const machines = new MachineModel();
    const { rig, id } = await attached(machines);
    await using _ = rig;
    await rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
    machines.refuse("refresh", "DEVICE_LOCKED", { after });
    await expect(rig.service.refresh(refreshOf(id), call)).rejects.toMatchObject({ reason: "DEVICE_LOCKED" });
    const drive = await rig.service.get(id, call);
    expect(drive.attachments).toMatchObject([{ state: "ATTACHED", desiredGeneration: 1, observedGeneration: 1 }]);
    expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
    expect(await rig.files()).toEqual([`${id}/1.img`, `${id}/2.img`]);
  });

  test("detach of a locked device: it stays", async () => {
    const machines = new MachineModel();
    const { rig, id } = await attached(machines);
    await using _ = rig;
    machines.refuse("detach", "DEVICE_LOCKED");
    await expect(rig.service.detach(detachFrom(id), call)).rejects.toMatchObject({ reason: "DEVICE_LOCKED" });
    expect(await rig.service.get(id, call)).toMatchObject({
      attachments: [{ state: "ATTACHED", observedGeneration: 1 }],
    });
  });

  test("detach that was told to have failed although the device went: it is gone", async () => {
    const machines = new MachineModel();
    const { rig, id } = await attached(machines);
    await using _ = rig;
    machines.refuse("detach", "HYPERVISOR_FAILED", { after: true });
    await expect(rig.service.detach(detachFrom(id), call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
    expect(await rig.service.get(id, call)).toMatchObject({ attachments: [] });
  });

  test("an instance that is not there: nothing begins", async () => {
    await using rig = await DriveServiceRig.open(new MachineModel());
    const before = await rig.service.populate(blob("one"), call);
    await expect(rig.service.attach(attachTo(before.id, "i1"), call)).rejects.toMatchObject({
      reason: "INSTANCE_NOT_FOUND",
    });
    expect(await rig.service.get(before.id, call)).toEqual(before);
  });

  test("a step that takes too long is turned back", async () => {
    const machines = new MachineModel();
    machines.start("i1");
    const limits = { ...defaultLimits };
    await using rig = await DriveServiceRig.open(machines, { change: { limits } });
    const { id } = await rig.service.populate(blob("one"), call);
    limits.operationMs = 300;
    const attaching = machines.hold("attach");
    const waiting = rig.service.attach(attachTo(id, "i1"), call);
    await attaching.reached;
    AbortSignal.timeout(310).addEventListener("abort", attaching.release);
    await expect(waiting).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
    expect(await rig.service.get(id, call)).toMatchObject({ attachments: [] });
  });
});

test("a build that fails is told, and the same request builds it in the same drive", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const request = blob("one");
  await rename(join(rig.directory, "images"), join(rig.directory, "elsewhere"));
  await expect(rig.service.populate(request, call)).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
  const [failed] = (await rig.service.list({ instanceId: "", pageSize: 0, pageToken: "" }, call)).drives;
  expect(failed?.generations).toMatchObject([{ number: 1, state: "FAILED", failureReason: "STORAGE_FAILED" }]);
  await rename(join(rig.directory, "elsewhere"), join(rig.directory, "images"));
  const drive = await rig.service.populate(request, call);
  expect(drive.id).toBe(failed?.id);
  expect(drive.generations).toMatchObject([{ number: 2, state: "READY" }]);
});
