import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { until } from "#integration/rigs/wait.js";
import { appliedGeneration, driveState } from "./drive.js";

const call = callOf("p1");
const { signal } = new AbortController();
const attachTo = (driveId: string, instanceId: string) => ({ requestId: randomUUID(), driveId, instanceId, host: "" });

async function attached(machines: MachineModel) {
  machines.start("i1");
  const rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach(attachTo(id, "i1"), call);
  return { rig, id };
}

/** Stops a service in the middle of what it does, as far as that goes without killing a process. */
async function cutOff(rig: DriveServiceRig, release: () => void): Promise<void> {
  const leaving = rig.service.drain(AbortSignal.abort());
  release();
  await leaving;
  await rig.catalog.dispose();
}

test("nothing to do is nothing done", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  const before = await rig.service.get(id, call);
  expect(await rig.service.reconcile(signal)).toEqual({
    ended: 0,
    stopped: 0,
    restored: 0,
    expired: 0,
    orphans: 0,
    forgotten: 0,
    refusals: [],
  });
  expect(await rig.service.get(id, call)).toEqual(before);
  expect(machines.changes).toEqual(["attach i1 1"]);
});

test.each(["the reconciler", "the same request"])(
  "an attach that was cut off is finished after the restart by %s, whichever comes first",
  async (by) => {
    const machines = new MachineModel();
    machines.start("i1");
    const first = await DriveServiceRig.open(machines);
    const { id } = await first.service.populate(blob("one"), call);
    const attaching = machines.hold("attach");
    const request = attachTo(id, "i1");
    const waiting = first.service.attach(request, call);
    const lost = expect(waiting).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
    await attaching.reached;
    await cutOff(first, attaching.release);
    await lost;

    await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
    expect(driveState(await rig.service.get(id, call))).toBe("CHANGING");
    if (by === "the same request") await rig.service.attach(request, call);
    expect(await rig.service.reconcile(signal)).toMatchObject({ ended: by === "the reconciler" ? 1 : 0, refusals: [] });
    expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
    expect(await rig.service.attach(request, call)).toMatchObject({
      attachments: [{ state: "ATTACHED", observedGeneration: 1 }],
    });
    expect(machines.changes).toEqual(["attach i1 1"]);
  },
);

test("an attach that cannot be finished after the restart goes back", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  const first = await DriveServiceRig.open(machines);
  const { id } = await first.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const lost = first.service.attach(attachTo(id, "i1"), call).catch(() => undefined);
  await attaching.reached;
  await cutOff(first, attaching.release);
  await lost;
  machines.stop("i1");

  await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
  expect(await rig.service.reconcile(signal)).toMatchObject({
    ended: 0,
    refusals: [{ reason: "INSTANCE_NOT_RUNNING" }],
  });
  expect(driveState(await rig.service.get(id, call))).toBe("AVAILABLE");
});

test("going back that is refused too stays open, and is tried until it works", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  machines.refuse("attach", "HYPERVISOR_FAILED", { after: true });
  machines.refuse("detach", "HYPERVISOR_UNREACHABLE", { times: 2 });
  await expect(rig.service.attach(attachTo(id, "i1"), call)).rejects.toMatchObject({
    reason: "HYPERVISOR_FAILED",
    message: "attach was refused; going back was refused too: detach was refused",
  });
  expect(rig.reports.at(-1)).toMatchObject({ outcome: "left" });
  await expect(rig.service.delete({ requestId: randomUUID(), driveId: id }, call)).rejects.toMatchObject({
    reason: "DRIVE_BUSY",
  });
  expect(await rig.service.reconcile(signal)).toMatchObject({ refusals: [{ reason: "HYPERVISOR_UNREACHABLE" }] });
  expect(await rig.service.reconcile(signal)).toMatchObject({ refusals: [{ reason: "HYPERVISOR_FAILED" }] });
  expect(await rig.service.reconcile(signal)).toMatchObject({ refusals: [] });
  expect(machines.seenBy("i1")).toEqual({});
  expect(driveState(await rig.service.get(id, call))).toBe("AVAILABLE");
});

test("a refresh that was cut off after its instance saw it is taken to its end: nothing of the old generation stays open", async () => {
  const machines = new MachineModel();
  const { rig: first, id } = await attached(machines);
  await first.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
  const refreshing = machines.hold("refresh", { after: true });
  const lost = first.service
    .refresh({ requestId: randomUUID(), driveId: id, force: false }, call)
    .catch(() => undefined);
  await refreshing.reached;
  await cutOff(first, refreshing.release);
  await lost;
  expect([...machines.leftOpen]).toEqual([`i1 ${id}`]);

  await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
  expect(await rig.service.reconcile(signal)).toMatchObject({ ended: 1, refusals: [] });
  expect(machines.seenBy("i1")).toEqual({ [id]: 2 });
  expect([...machines.leftOpen]).toEqual([]);
});

test("a detach that was refused after the device went has its end all the same, with nothing left open", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  machines.refuse("detach", "HYPERVISOR_FAILED", { after: true });
  const detaching = rig.service.detach({ requestId: randomUUID(), driveId: id, instanceId: "", force: false }, call);
  await expect(detaching).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
  expect(driveState(await rig.service.get(id, call))).toBe("AVAILABLE");
  expect([...machines.leftOpen]).toEqual([]);
});

test("an instance that was started anew sees the pending generation", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  machines.stop("i1");
  await rig.service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
  await rig.service.reconcile(signal);
  machines.start("i1");
  expect(await rig.service.reconcile(signal)).toMatchObject({ restored: 1, refusals: [] });
  expect(machines.seenBy("i1")).toEqual({ [id]: 2 });
  expect(appliedGeneration(await rig.service.get(id, call))).toBe(2);
  expect(await rig.files()).toEqual([`${id}/2.img`]);
});

test("an instance that does not run sees no generation, and keeps the drive", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  machines.stop("i1");
  await rig.service.reconcile(signal);
  const drive = await rig.service.get(id, call);
  expect(driveState(drive)).toBe("IN_USE");
  expect(appliedGeneration(drive)).toBe(0);
  expect(await rig.service.reconcile(signal)).toMatchObject({ restored: 0 });
});

test("a device that was lost comes back, also where the first try is refused", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  machines.lose("i1", id);
  machines.refuse("attach", "HYPERVISOR_FAILED");
  expect(await rig.service.reconcile(signal)).toMatchObject({
    restored: 0,
    refusals: [{ reason: "HYPERVISOR_FAILED" }],
  });
  expect(driveState(await rig.service.get(id, call))).toBe("IN_USE");
  expect(await rig.service.reconcile(signal)).toMatchObject({ restored: 1, refusals: [] });
  expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("a call that came first is not in the reconciler's way, nor the other way round", async () => {
  const machines = new MachineModel();
  const { rig, id } = await attached(machines);
  await using _ = rig;
  machines.lose("i1", id);
  const looking = machines.hold("observe");
  const pass = rig.service.reconcile(signal);
  await looking.reached;
  await rig.service.update({ requestId: randomUUID(), driveId: id, deleteOnTermination: false }, call);
  looking.release();
  expect(await pass).toMatchObject({ restored: 0, refusals: [] });
  expect(await rig.service.reconcile(signal)).toMatchObject({ restored: 1, refusals: [] });
  expect(await rig.service.get(id, call)).toMatchObject({ deleteOnTermination: false });
});

test("an image that was lost or cut is written again, alike, before it is shown", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id, generations } = await rig.service.populate(blob("one"), call);
  await truncate(join(rig.directory, "images", id, "1.img"), 100);
  await rig.service.attach(attachTo(id, "i1"), call);
  machines.stop("i1");
  await rm(join(rig.directory, "images", id), { recursive: true });
  machines.start("i1");
  expect(await rig.service.reconcile(signal)).toMatchObject({ restored: 1 });
  expect(await rig.files()).toEqual([`${id}/1.img`]);
  expect((await rig.service.get(id, call)).generations).toEqual(generations);
});

test("files that no drive has are removed, all others stay", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  const images = join(rig.directory, "images");
  const stranger = randomUUID();
  await mkdir(join(images, stranger));
  await writeFile(join(images, stranger, "1.img"), "left by a kill");
  await mkdir(join(images, randomUUID()));
  await writeFile(join(images, id, "7.img"), "of a generation that is gone");
  await writeFile(join(images, id, ".1.img.0123456789abcdef.partial"), "half an image");
  await mkdir(join(images, "not ours"));
  await writeFile(join(images, "not ours", "1.img"), "untouched");
  expect(await rig.service.reconcile(signal)).toMatchObject({ orphans: 4, refusals: [] });
  expect(await rig.files()).toEqual([`${id}/1.img`, "not ours/1.img"]);
  expect((await readdir(images)).sort()).toEqual([id, "not ours"].sort());
});

test("files are looked through at the first pass, then every so often", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  const { id } = await rig.service.populate(blob("one"), call);
  const leave = () => writeFile(join(rig.directory, "images", id, "7.img"), "of a generation that is gone");
  await leave();
  expect(await rig.service.reconcile(signal)).toMatchObject({ orphans: 1 });
  await leave();
  expect(await rig.service.reconcile(signal)).toMatchObject({ orphans: 0 });
  now = new Date("2026-01-01T00:10:00Z");
  expect(await rig.service.reconcile(signal)).toMatchObject({ orphans: 1 });
});

test("old requests and changes are forgotten, open ones never", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  const request = blob("one");
  const { id } = await rig.service.populate(request, call);
  await rig.service.update({ requestId: randomUUID(), driveId: id, deleteOnTermination: false }, call);
  now = new Date("2026-01-01T23:00:00Z");
  expect(await rig.service.reconcile(signal)).toMatchObject({ forgotten: 0 });
  now = new Date("2026-01-02T00:00:01Z");
  // Two requests, and the first of two changes: the newest is where the numbers go on.
  expect(await rig.service.reconcile(signal)).toMatchObject({ forgotten: 3 });
  expect((await rig.service.populate(request, call)).id).not.toBe(id);
});

test("a service that drains takes no new work and finishes what runs", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const running = rig.service.attach(attachTo(id, "i1"), call);
  await attaching.reached;
  const drained = rig.service.drain(AbortSignal.timeout(10_000));
  await expect(rig.service.populate(blob("two"), call)).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  expect(await rig.service.get(id, call)).toMatchObject({ id });
  attaching.release();
  expect(await running).toMatchObject({ attachments: [{ state: "ATTACHED" }] });
  await drained;
});

test("an instance that does not answer holds up no other's drives", async () => {
  const machines = new MachineModel();
  await using rig = await DriveServiceRig.open(machines);
  const instances = ["i1", "i2", "i3", "i4"];
  const drives = new Map<string, string>();
  for (const instance of instances) {
    machines.start(instance);
    const { id } = await rig.service.populate(blob(instance), call);
    await rig.service.attach(attachTo(id, instance), call);
    drives.set(instance, id);
    machines.lose(instance, id);
  }
  const released = Promise.withResolvers<void>();
  const observe = machines.observe.bind(machines);
  machines.observe = async (instanceId, wait) => {
    if (instanceId === "i1") await released.promise;
    return await observe(instanceId, wait);
  };
  const pass = rig.service.reconcile(signal);
  for (const instance of instances.slice(1)) {
    await until(10_000, `${instance} to see its drive`, () => drives.get(instance)! in machines.seenBy(instance));
  }
  expect(machines.seenBy("i1")).toEqual({});
  released.resolve();
  expect(await pass).toMatchObject({ restored: 4, refusals: [] });
  expect(Object.keys(machines.seenBy("i1"))).toEqual([drives.get("i1")]);
});
