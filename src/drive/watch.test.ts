import { randomUUID } from "node:crypto";
import { jest } from "@jest/globals";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { until } from "#integration/rigs/wait.js";
import type { DriveEvent } from "./change.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");
const everything = { driveId: "", resumeToken: "" };

/** The next event of a watch. */
async function next(events: AsyncIterator<DriveEvent>): Promise<DriveEvent> {
  const { value } = await events.next();
  return value;
}

/** A watch that has begun, and what it was told first. */
async function watching(rig: DriveServiceRig, request = everything, by = call) {
  const events = rig.service.watch(request, by)[Symbol.asyncIterator]();
  return { events, current: await next(events) };
}

/** Reads on until an event is as wanted. */
async function readUntil(
  events: AsyncIterator<DriveEvent>,
  wanted: (event: DriveEvent) => boolean,
): Promise<DriveEvent> {
  for (;;) {
    const event = await next(events);
    if (wanted(event)) return event;
  }
}

test("a watcher is told of a drive's whole life, with the drive as it is then", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { events, current } = await watching(rig);
  expect(current).toMatchObject({ kind: "CURRENT", driveId: "" });
  const { id } = await rig.service.populate(blob("one"), call);
  expect(await next(events)).toMatchObject({
    kind: "CREATED",
    driveId: id,
    drive: { id, generations: [{ state: "READY" }] },
  });
  const waiting = next(events);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  expect(await waiting).toMatchObject({ kind: "CHANGED", driveId: id });
  await rig.service.detach({ requestId: randomUUID(), driveId: id, instanceId: "", force: false }, call);
  await rig.service.delete({ requestId: randomUUID(), driveId: id }, call);
  const gone = await readUntil(events, ({ kind }) => kind === "DELETED");
  expect(gone).toMatchObject({ driveId: id });
  expect(gone).not.toHaveProperty("drive");
});

test("a watch goes on where an earlier one ended, and misses nothing", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const first = await watching(rig);
  const a = await rig.service.populate(blob("a"), call);
  const event = await next(first.events);
  await first.events.return?.();
  const b = await rig.service.populate(blob("b"), call);
  await rig.service.delete({ requestId: randomUUID(), driveId: a.id }, call);
  const second = await watching(rig, { ...everything, resumeToken: event.resumeToken });
  expect(await next(second.events)).toMatchObject({ kind: "CREATED", driveId: b.id });
  expect(await next(second.events)).toMatchObject({ kind: "DELETED", driveId: a.id });
  const again = await watching(rig, { ...everything, resumeToken: first.current.resumeToken });
  const told = [await next(again.events), await next(again.events)].map(({ kind, driveId }) => [kind, driveId]);
  expect(told).toEqual([
    ["CREATED", b.id],
    ["DELETED", a.id],
  ]);
});

test("only the own project's drives, and only the one asked for", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const mine = await rig.service.populate(blob("mine"), call);
  const { events } = await watching(rig, { ...everything, driveId: mine.id });
  await rig.service.populate(blob("foreign"), callOf("p2"));
  await rig.service.populate(blob("other"), call);
  await rig.service.update({ requestId: randomUUID(), driveId: mine.id, deleteOnTermination: false }, call);
  expect(await next(events)).toMatchObject({ kind: "CHANGED", driveId: mine.id });
});

test("a token that is too old, from elsewhere, or none at all is refused", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  const { current } = await watching(rig);
  await rig.service.populate(blob("one"), call);
  const later = await watching(rig);
  now = new Date("2026-01-03T00:00:00Z");
  await rig.service.populate(blob("two"), call);
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  const resumed = (resumeToken: string) => watching(rig, { ...everything, resumeToken });
  await expect(resumed(current.resumeToken)).rejects.toMatchObject({ reason: "RESUME_TOKEN_EXPIRED" });
  expect((await resumed(later.current.resumeToken)).current).toMatchObject({ kind: "CURRENT" });
  await expect(resumed(Buffer.from("change:99").toString("base64url"))).rejects.toMatchObject({
    reason: "RESUME_TOKEN_EXPIRED",
  });
  await expect(resumed("nonsense")).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
});

test("a watch that fell behind what is kept is refused, not silently short of changes", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  const { id } = await rig.service.populate(blob("one"), call);
  const { events } = await watching(rig);
  await rig.service.delete({ requestId: randomUUID(), driveId: id }, call);
  now = new Date("2026-01-03T00:00:00Z");
  await rig.service.populate(blob("two"), call);
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  await expect(next(events)).rejects.toMatchObject({ reason: "RESUME_TOKEN_EXPIRED" });
});

test("a watch of drives that never change goes on, however much changes elsewhere and is forgotten", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  const { events } = await watching(rig);
  const looks = jest.spyOn(rig.catalog, "changes");
  const waiting = next(events);
  for (let day = 2; day < 6; day += 1) {
    const before = looks.mock.results.length;
    await rig.service.populate(blob("elsewhere"), callOf("p2"));
    await until(10_000, "the watch to look", () => looks.mock.results.length > before);
    await looks.mock.results.at(-1)?.value;
    now = new Date(`2026-01-0${day}T12:00:00Z`);
    await rig.service.populate(blob("elsewhere"), callOf("p2"));
    await rig.service.reconcile(AbortSignal.timeout(10_000));
  }
  const { id } = await rig.service.populate(blob("mine"), call);
  expect(await waiting).toMatchObject({ kind: "CREATED", driveId: id });
});

test("changes are forgotten from the oldest on, whatever the clock said when they were made", async () => {
  let now = new Date("2026-01-05T00:00:00Z");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now } });
  await rig.service.populate(blob("before the clock went back"), call);
  const { current } = await watching(rig);
  now = new Date("2026-01-01T00:00:00Z");
  const { id } = await rig.service.populate(blob("after it"), call);
  now = new Date("2026-01-03T00:00:00Z");
  await rig.service.populate(blob("later"), call);
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  const { events } = await watching(rig, { ...everything, resumeToken: current.resumeToken });
  expect(await next(events)).toMatchObject({ kind: "CREATED", driveId: id });
});

test("a drive that is gone for good is told of at the time when it went, however long ago that was asked for", async () => {
  let now = new Date("2026-01-01T00:00:00Z");
  const limits = { ...defaultLimits, changeMs: 30 * 24 * 3_600_000 };
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { now: () => now, limits } });
  const { id } = await rig.service.populate(blob("one"), call);
  const { events } = await watching(rig);
  const record = await rig.catalog.find(id);
  if (record === undefined) throw new Error("the drive is not there");
  const operation = {
    ...{ id: randomUUID(), driveId: id, kind: "delete" as const, failure: undefined, force: false },
    ...{ request: undefined, startedAt: now },
  };
  const drive = { ...record.drive, deleting: true };
  await rig.catalog.open({ request: undefined, operation, drive, from: record });
  now = new Date("2026-01-09T00:00:00Z");
  await rig.service.reconcile(AbortSignal.timeout(10_000));
  expect(await readUntil(events, ({ kind }) => kind === "DELETED")).toMatchObject({ driveId: id, at: now });
});

test("a watch ends with its caller, and when the service drains", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const caller = new AbortController();
  const { events } = await watching(rig, everything, callOf("p1", caller.signal));
  const waiting = next(events);
  caller.abort();
  await expect(waiting).rejects.toMatchObject({ reason: "CANCELLED" });
  const other = await watching(rig);
  const ending = expect(next(other.events)).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  await rig.service.drain(AbortSignal.timeout(10_000));
  await ending;
});
