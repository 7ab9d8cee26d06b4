import { randomUUID } from "node:crypto";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { MachineModel } from "#integration/rigs/machine-model.js";
import { driveState } from "./drive.js";

const call = callOf("p1");
const signal = AbortSignal.timeout(20_000);
const attachTo = (driveId: string, instanceId: string) => ({ requestId: randomUUID(), driveId, instanceId, host: "" });
const detachOf = (driveId: string) => ({ requestId: randomUUID(), driveId, instanceId: "", force: false });
const release = (instanceId: string) => ({ requestId: randomUUID(), instanceId, host: "" });

/** A drive that the instance has. */
async function attached(rig: DriveServiceRig, instanceId: string, deleteOnTermination?: boolean): Promise<string> {
  const kept = deleteOnTermination === undefined ? {} : { deleteOnTermination };
  const { id } = await rig.service.populate(blob("one", kept), call);
  await rig.service.attach(attachTo(id, instanceId), call);
  return id;
}

function machinesWith(...instances: readonly string[]): MachineModel {
  const machines = new MachineModel();
  for (const instance of instances) machines.start(instance);
  return machines;
}

test("an instance that is gone takes its ephemeral drives with it, and lets the others go", async () => {
  const machines = machinesWith("i1", "i2");
  await using rig = await DriveServiceRig.open(machines);
  const gone = [await attached(rig, "i1"), await attached(rig, "i1")].sort();
  const kept = await attached(rig, "i1", false);
  const other = await attached(rig, "i2");
  machines.stop("i1");
  const request = release("i1");
  const answer = await rig.service.releaseInstance(request, call);
  expect(answer).toMatchObject({ deleted: gone, kept: [{ id: kept, attachments: [], lastInstanceId: "" }] });
  expect(answer.kept.map(driveState)).toEqual(["AVAILABLE"]);
  for (const id of gone) await expect(rig.service.get(id, call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  expect(await rig.files()).toEqual([`${kept}/1.img`, `${other}/1.img`].sort());
  expect(machines.seenBy("i2")).toEqual({ [other]: 1 });
  expect(await rig.service.releaseInstance(request, call)).toEqual(answer);
  await expect(rig.service.releaseInstance({ ...request, instanceId: "i2" }, call)).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  expect(await rig.service.releaseInstance(release("i1"), call)).toEqual({ deleted: [], kept: [] });
  await rig.service.attach(attachTo(kept, "i2"), call);
});

test("devices are taken from an instance that still runs: whoever tells knows better", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  await attached(rig, "i1");
  const kept = await attached(rig, "i1", false);
  await rig.service.releaseInstance(release("i1"), call);
  expect(machines.seenBy("i1")).toEqual({});
  expect((await rig.service.get(kept, call)).attachments).toEqual([]);
});

test("a drive that was detached before goes with the last instance that had it", async () => {
  const machines = machinesWith("i1", "i2");
  await using rig = await DriveServiceRig.open(machines);
  const detached = await attached(rig, "i1");
  const moved = await attached(rig, "i1");
  const keptLater = await attached(rig, "i1");
  const never = (await rig.service.populate(blob("never attached"), call)).id;
  for (const id of [detached, moved, keptLater]) await rig.service.detach(detachOf(id), call);
  expect(await rig.service.get(detached, call)).toMatchObject({ attachments: [], lastInstanceId: "i1" });
  await rig.service.attach(attachTo(moved, "i2"), call);
  await rig.service.update({ requestId: randomUUID(), driveId: keptLater, deleteOnTermination: false }, call);
  expect(await rig.service.releaseInstance(release("i1"), call)).toMatchObject({
    deleted: [detached],
    kept: [{ id: keptLater }],
  });
  expect(await rig.service.get(moved, call)).toMatchObject({
    lastInstanceId: "i2",
    attachments: [{ state: "ATTACHED" }],
  });
  expect(driveState(await rig.service.get(never, call))).toBe("AVAILABLE");
});

test("an attach that was refused binds a drive to nobody", async () => {
  const machines = machinesWith("i1", "i2");
  await using rig = await DriveServiceRig.open(machines);
  const id = await attached(rig, "i1");
  await rig.service.detach(detachOf(id), call);
  machines.refuse("attach", "HYPERVISOR_FAILED");
  await expect(rig.service.attach(attachTo(id, "i2"), call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
  expect(await rig.service.releaseInstance(release("i2"), call)).toEqual({ deleted: [], kept: [] });
  expect(await rig.service.get(id, call)).toMatchObject({ lastInstanceId: "i1" });
});

test("another project's drives are not touched, and another host is refused", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const id = await attached(rig, "i1");
  expect(await rig.service.releaseInstance(release("i1"), callOf("p2"))).toEqual({ deleted: [], kept: [] });
  await expect(rig.service.releaseInstance({ ...release("i1"), host: "there" }, call)).rejects.toMatchObject({
    reason: "HOST_UNKNOWN",
  });
  expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("what is only to be validated is told, and nothing is done or remembered", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const gone = await attached(rig, "i1");
  const kept = await attached(rig, "i1", false);
  const request = release("i1");
  expect(await rig.service.releaseInstance({ ...request, validateOnly: true }, call)).toMatchObject({
    deleted: [gone],
    kept: [{ id: kept, attachments: [{ state: "DETACHING" }] }],
  });
  expect(machines.seenBy("i1")).toEqual({ [gone]: 1, [kept]: 1 });
  expect(await rig.service.releaseInstance(request, call)).toMatchObject({ deleted: [gone], kept: [{ id: kept }] });
});

test("a drive that is busy keeps all of them as they are", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const ids = [await attached(rig, "i1"), await attached(rig, "i1")];
  const refreshing = machines.hold("observe");
  const busy = rig.service.refresh({ requestId: randomUUID(), driveId: ids[1]!, force: false }, call);
  await refreshing.reached;
  const request = release("i1");
  await expect(rig.service.releaseInstance(request, call)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  refreshing.release();
  await busy;
  expect(Object.keys(machines.seenBy("i1")).sort()).toEqual(ids.toSorted());
  expect((await rig.service.releaseInstance(request, call)).deleted).toEqual(ids.toSorted());
});

test("an attach to the instance that is under way ends first, and its drive goes with the others", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const late = rig.service.attach(attachTo(id, "i1"), call);
  await attaching.reached;
  const releasing = rig.service.releaseInstance(release("i1"), call);
  attaching.release();
  await late;
  expect(await releasing).toEqual({ deleted: [id], kept: [] });
});

test("a hypervisor that does not answer holds one drive up, and the reconciler lets it go", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const ids = [await attached(rig, "i1"), await attached(rig, "i1")];
  machines.refuse("detach", "HYPERVISOR_UNREACHABLE");
  const request = release("i1");
  await expect(rig.service.releaseInstance(request, call)).rejects.toMatchObject({ reason: "HYPERVISOR_UNREACHABLE" });
  expect(Object.keys(machines.seenBy("i1"))).toHaveLength(1);
  expect(await rig.service.reconcile(signal)).toMatchObject({ ended: 1, refusals: [] });
  expect(await rig.service.releaseInstance(request, call)).toEqual({ deleted: ids.toSorted(), kept: [] });
  expect(await rig.files()).toEqual([]);
});

test("a service that is cut off has decided about all drives, and the next one carries it out", async () => {
  const machines = machinesWith("i1");
  const first = await DriveServiceRig.open(machines);
  const gone = [await attached(first, "i1"), await attached(first, "i1")].sort();
  const kept = await attached(first, "i1", false);
  const detaching = machines.hold("detach");
  const request = release("i1");
  const waiting = first.service.releaseInstance(request, call);
  const lost = expect(waiting).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  await detaching.reached;
  const leaving = first.service.drain(AbortSignal.abort());
  detaching.release();
  await leaving;
  await lost;
  await first.catalog.dispose();

  await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
  expect(driveState(await rig.service.get(gone[1]!, call))).toBe("DELETING");
  expect(await rig.service.reconcile(signal)).toMatchObject({ ended: 3, refusals: [] });
  expect(machines.seenBy("i1")).toEqual({});
  expect(await rig.service.releaseInstance(request, call)).toMatchObject({ deleted: gone, kept: [{ id: kept }] });
  expect(await rig.files()).toEqual([`${kept}/1.img`]);
});
