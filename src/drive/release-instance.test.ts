import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { until } from "#integration/rigs/wait.js";
import { driveState } from "./drive.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");
const { signal } = new AbortController();
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

/** An instance with two drives, of which the second is being refreshed until it is released. */
async function withOneBusy(rig: DriveServiceRig, machines: MachineModel) {
  const [idle, busy] = [await attached(rig, "i1"), await attached(rig, "i1")];
  const refreshing = machines.hold("refresh");
  const refreshed = rig.service.refresh({ requestId: randomUUID(), driveId: busy, force: false }, call);
  await refreshing.reached;
  return { idle, busy, refreshing, refreshed };
}

test("a drive that is busy keeps no other one back, and goes when it no longer is", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { idle, busy, refreshing, refreshed } = await withOneBusy(rig, machines);
  const releasing = rig.service.releaseInstance(release("i1"), call);
  await until(20_000, "the idle drive to go", () => !(idle in machines.seenBy("i1")));
  expect(machines.seenBy("i1")).toEqual({ [busy]: 1 });
  refreshing.release();
  await refreshed;
  expect(await releasing).toEqual({ deleted: [idle, busy].sort(), kept: [] });
  expect(machines.seenBy("i1")).toEqual({});
  expect(await rig.files()).toEqual([]);
});

test("a drive that stays busy is refused after the others went, and the same request goes on with it", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines, {
    change: { limits: { ...defaultLimits, operationMs: 2000 } },
  });
  const { idle, busy, refreshing, refreshed } = await withOneBusy(rig, machines);
  const lost = refreshed.catch(() => undefined);
  const request = release("i1");
  await expect(rig.service.releaseInstance(request, call)).rejects.toMatchObject({
    reason: "DRIVE_BUSY",
    metadata: { drive_id: busy },
  });
  await expect(rig.service.get(idle, call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
  refreshing.release();
  await lost;
  const answer = { deleted: [idle, busy].sort(), kept: [] };
  expect(await rig.service.releaseInstance(request, call)).toEqual(answer);
  expect(await rig.service.releaseInstance(request, call)).toEqual(answer);
});

test("a caller's deadline ends its wait for a busy drive, not the release", async () => {
  const machines = machinesWith("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { idle, busy, refreshing, refreshed } = await withOneBusy(rig, machines);
  const request = release("i1");
  const giveUp = new AbortController();
  const releasing = rig.service.releaseInstance(request, callOf("p1", giveUp.signal));
  const gaveUp = expect(releasing).rejects.toMatchObject({ reason: "CANCELLED" });
  await until(20_000, "the idle drive to go", () => !(idle in machines.seenBy("i1")));
  giveUp.abort();
  await gaveUp;
  refreshing.release();
  await refreshed;
  await until(20_000, "the other one to go", () => !(busy in machines.seenBy("i1")));
  expect((await rig.service.releaseInstance(request, call)).deleted).toEqual([idle, busy].sort());
});

test("a kill between the two parts of a release: the same request has the whole answer", async () => {
  const machines = machinesWith("i1");
  const first = await DriveServiceRig.open(machines);
  const { idle, busy, refreshing, refreshed } = await withOneBusy(first, machines);
  const request = release("i1");
  const lost = [refreshed, first.service.releaseInstance(request, call)].map((one) => one.catch(() => undefined));
  await until(20_000, "the idle drive to go", () => !(idle in machines.seenBy("i1")));
  const leaving = first.service.drain(AbortSignal.abort());
  refreshing.release();
  await leaving;
  await Promise.all(lost);
  await first.catalog.dispose();

  await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
  await rig.service.reconcile(signal);
  expect(await rig.service.releaseInstance(request, call)).toEqual({ deleted: [idle, busy].sort(), kept: [] });
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
