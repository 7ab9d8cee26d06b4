import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { defaultLimits, type Limits } from "./limits.js";
import { Refusal } from "./refusal.js";

const call = callOf("p1");
const { signal } = new AbortController();
const DAY = 24 * 60 * 60 * 1000;

/** A service whose time the test sets, and whose image store is full while it says so. */
async function open(limits: Partial<Limits>) {
  const machines = new MachineModel();
  machines.start("i1");
  const time = { now: Date.parse("2026-01-02T03:04:05.678Z") };
  const disk = { full: false };
  const rig = await DriveServiceRig.open(machines, {
    change: { now: () => new Date(time.now), limits: { ...defaultLimits, ...limits } },
    wrap: {
      images: (images) => ({
        place: (...args) =>
          disk.full ? Promise.reject(new Refusal("STORAGE_FULL", "no room")) : images.place(...args),
        hold: (driveId) => images.hold(driveId),
        locate: (...args) => images.locate(...args),
        read: (...args) => images.read(...args),
        remove: (...args) => images.remove(...args),
        removeDrive: (...args) => images.removeDrive(...args),
        list: () => images.list(),
        discard: (...args) => images.discard(...args),
      }),
    },
  });
  return { machines, rig, time, disk };
}

const attachTo = (driveId: string) => ({ requestId: randomUUID(), driveId, instanceId: "i1", host: "" });
const idsOf = async (rig: DriveServiceRig) =>
  (await rig.service.list({ instanceId: "", pageSize: 100, pageToken: "" }, call)).drives.map(({ id }) => id);

test("a drive that could not be built goes when it is old; one that was tried again stays", async () => {
  const { rig, time, disk } = await open({ failedDriveMs: 7 * DAY });
  await using _ = rig;
  disk.full = true;
  const tried = blob("tried again");
  await expect(rig.service.populate(tried, call)).rejects.toMatchObject({ reason: "STORAGE_FULL" });
  await expect(rig.service.populate(blob("given up"), call)).rejects.toMatchObject({ reason: "STORAGE_FULL" });
  expect(await idsOf(rig)).toHaveLength(2);
  disk.full = false;
  time.now += 60_000;
  const { id } = await rig.service.populate(tried, call);
  time.now += 7 * DAY - 60_000;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0, refusals: [] });
  time.now += 60_000;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 1, refusals: [] });
  expect(await idsOf(rig)).toEqual([id]);
  expect(rig.reports.at(-1)).toMatchObject({ kind: "expire", outcome: "done", requestId: "" });
  time.now += 365 * DAY;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0 });
});

test("a drive with a good generation never goes because a later one could not be built", async () => {
  const { rig, time, disk } = await open({ failedDriveMs: DAY });
  await using _ = rig;
  const { id } = await rig.service.populate(blob("good"), call);
  disk.full = true;
  await expect(rig.service.populate(blob("bad", { driveId: id }), call)).rejects.toMatchObject({
    reason: "STORAGE_FULL",
  });
  time.now += 30 * DAY;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0 });
  expect(await idsOf(rig)).toEqual([id]);
});

test("by default, a drive that was built never goes by itself", async () => {
  const { rig, time } = await open({});
  await using _ = rig;
  const { id } = await rig.service.populate(blob("never attached"), call);
  time.now += 3650 * DAY;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0 });
  expect(await idsOf(rig)).toEqual([id]);
});

test("with an age given, ephemeral drives that nobody has go, and no other ones", async () => {
  const { rig, time } = await open({ unattachedDriveMs: DAY });
  await using _ = rig;
  const kept = await rig.service.populate(blob("kept", { deleteOnTermination: false }), call);
  const attached = await rig.service.populate(blob("attached"), call);
  const detached = await rig.service.populate(blob("detached"), call);
  const never = await rig.service.populate(blob("never attached"), call);
  for (const { id } of [attached, detached]) await rig.service.attach(attachTo(id), call);
  time.now += DAY / 2;
  await rig.service.detach({ requestId: randomUUID(), driveId: detached.id, instanceId: "", force: false }, call);
  time.now += DAY / 2 + 1;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 1 });
  expect(await idsOf(rig)).toEqual([kept.id, attached.id, detached.id].sort());
  expect(never.generations).toHaveLength(1);
  time.now += DAY;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 1 });
  expect(await idsOf(rig)).toEqual([kept.id, attached.id].sort());
  expect(await rig.files()).toEqual([`${kept.id}/1.img`, `${attached.id}/1.img`].sort());
});

test("a drive that somebody takes in the same moment stays", async () => {
  const { rig, time, machines } = await open({ unattachedDriveMs: DAY });
  await using _ = rig;
  const { id } = await rig.service.populate(blob("taken at last"), call);
  time.now += 2 * DAY;
  const attaching = machines.hold("attach");
  const attached = rig.service.attach(attachTo(id), call);
  await attaching.reached;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0, refusals: [] });
  attaching.release();
  await attached;
  expect(await rig.service.reconcile(signal)).toMatchObject({ expired: 0, refusals: [] });
  expect(await idsOf(rig)).toEqual([id]);
});

test("a clock that jumps loses no drive that anybody has or keeps, and changes nothing of what is done", async () => {
  const { rig, time, machines } = await open({});
  await using _ = rig;
  const drive = await rig.service.populate(blob("one"), call);
  await rig.service.attach(attachTo(drive.id), call);
  const kept = await rig.service.populate(blob("two", { deleteOnTermination: false }), call);
  for (const jump of [20 * 365 * DAY, -40 * 365 * DAY, 20 * 365 * DAY]) {
    time.now += jump;
    expect(await rig.service.reconcile(signal)).toMatchObject({ ended: 0, expired: 0, refusals: [] });
    const request = blob(`at ${time.now}`, { driveId: drive.id, whenAttached: "refresh" });
    const written = await rig.service.populate(request, call);
    expect(await rig.service.populate(request, call)).toEqual(written);
    expect(machines.seenBy("i1")).toEqual({ [drive.id]: written.generations.at(-1)?.number });
  }
  expect(machines.seenBy("i1")).toEqual({ [drive.id]: 4 });
  expect(await idsOf(rig)).toEqual([drive.id, kept.id].sort());
});
