import { randomUUID } from "node:crypto";
import { defaultLimits } from "#drive/limits.js";
import { MachineModel } from "#fake/machine-model.js";
import { fromBytes } from "#image/tree.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1");
const attachTo = (driveId: string, instanceId: string, host = "") => ({
  requestId: randomUUID(),
  driveId,
  instanceId,
  host,
});
const detachOf = (driveId: string) => ({ requestId: randomUUID(), driveId, instanceId: "", force: false });
const pass = () => AbortSignal.timeout(10_000);

/** The clock of one service. */
class SteppedClock {
  at = new Date();

  /** The next sweep is due. */
  toNextSweep(): void {
    this.at = new Date(this.at.getTime() + defaultLimits.orphanMs);
  }
}

/** A service and its agents on hosts a and b; instance i1 runs on b. */
async function opened(directory?: string, agents?: AgentsModel) {
  const there = agents ?? (await AgentsModel.open("a", "b"));
  if (agents === undefined) there.of("b").machines.start("i1");
  const place = directory === undefined ? {} : { directory };
  const clock = new SteppedClock();
  const change = { hosts: there.hosts, now: () => clock.at };
  const rig = await DriveServiceRig.open(new MachineModel(), { ...place, change });
  return { there, rig, service: rig.service, clock };
}

test("the host of an instance is found; its image is there as long as the instance has the drive", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  const { attachments } = await service.attach(attachTo(id, "i1"), call);
  expect(attachments).toMatchObject([{ host: "b", state: "ATTACHED", observedGeneration: 1 }]);
  await service.populate(blob("two", { driveId: id, whenAttached: "refresh" }), call);
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 2 });
  expect(await there.of("b").images?.list()).toEqual([{ driveId: id, generation: 2, name: "2.img" }]);
  await service.detach(detachOf(id), call);
  expect(await there.of("b").images?.list()).toEqual([]);
  expect(await there.of("a").images?.list()).toEqual([]);
  expect(await service.capabilities(call)).toMatchObject({
    hypervisor: { name: "model" },
    hosts: [
      { host: "a", state: "PRESENT", version: "1.0" },
      { host: "b", state: "PRESENT", version: "1.0" },
    ],
  });
});

test("an attach asks a host that was named four times, a detach twice", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  let asked: string[] = [];
  there.before = async (method) => {
    asked.push(method);
  };
  await service.attach(attachTo(id, "i1", "b"), call);
  expect(asked).toEqual(["place_image", "choose_device", "locate_image", "attach_device"]);
  asked = [];
  await service.detach(detachOf(id), call);
  expect(asked).toEqual(["detach_device", "remove_drive_images"]);
});

test("what cannot be attached is refused with what would work, and leaves nothing on any host", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  const refused = (instance: string, host: string, reason: string, says: string) =>
    expect(service.attach(attachTo(id, instance, host), call)).rejects.toMatchObject({
      reason,
      message: expect.stringContaining(says),
    });
  there.at += 29_000;
  for (const host of ["a", "b"]) await there.of(host).start();
  await refused("i9", "", "HOST_UNREACHABLE", "may not have reported");
  there.at += 1000;
  await refused("i9", "", "INSTANCE_NOT_FOUND", "i9");
  await refused("i1", "a", "INSTANCE_NOT_FOUND", "i1");
  await refused("i1", "far", "HOST_UNKNOWN", "agents are on a, b");
  there.of("a").machines.start("i1");
  await refused("i1", "", "HOST_AMBIGUOUS", "a, b");
  await there.of("b").kill();
  there.of("a").machines.stop("i1");
  await refused("i1", "", "HOST_UNREACHABLE", "b did not answer");
  await refused("i1", "b", "HOST_UNREACHABLE", "b");
  const preview = { ...attachTo(id, "i1", "a"), validateOnly: true };
  there.of("a").machines.start("i1");
  expect((await service.attach(preview, call)).attachments).toMatchObject([{ host: "a" }]);
  expect(await there.of("a").images?.list()).toEqual([]);
  expect((await service.get(id, call)).attachments).toEqual([]);
});

test.each(["detach", "refresh"] as const)(
  "a %s whose host is away stays pending, and ends when it is back",
  async (what) => {
    const { there, rig, service } = await opened();
    await using _rig = rig;
    await using _there = there;
    const { id } = await service.populate(blob("one"), call);
    await service.attach(attachTo(id, "i1"), call);
    await service.populate(blob("two", { driveId: id, whenAttached: "stage" }), call);
    await there.of("b").kill();
    const request = detachOf(id);
    const change = () => (what === "detach" ? service.detach(request, call) : service.refresh(request, call));
    for (const _ of [1, 2]) await expect(change()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
    expect((await service.get(id, call)).attachments).toMatchObject([{ state: `${what.toUpperCase()}ING` }]);
    expect(await service.reconcile(pass())).toMatchObject({ ended: 0, refusals: [{ reason: "HOST_UNREACHABLE" }] });
    await there.of("b").start();
    expect(await service.reconcile(pass())).toMatchObject({ ended: 1, refusals: [] });
    expect(there.of("b").machines.seenBy("i1")).toEqual(what === "detach" ? {} : { [id]: 2 });
    expect(await change()).toEqual(await service.get(id, call));
  },
);

test("an attach that was begun goes on when its host is back, or when it is asked for again", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  there.before = async (method) => {
    if (method === "attach_device") await there.of("b").kill();
  };
  const request = attachTo(id, "i1");
  await expect(service.attach(request, call)).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  there.before = async () => undefined;
  await there.of("b").start();
  expect((await service.attach(request, call)).attachments).toMatchObject([
    { state: "ATTACHED", observedGeneration: 1 },
  ]);
});

test("a call to a host whose agent is exchanged waits for the next one, with or without the host's name", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  const exchange = async (change: () => Promise<unknown>) => {
    await there.of("b").leave();
    const changed = change();
    changed.catch(() => undefined);
    await there.of("b").start();
    await changed;
  };
  await exchange(() => service.attach(attachTo(id, "i1"), call));
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 1 });
  await exchange(() => service.populate(blob("two", { driveId: id, whenAttached: "refresh" }), call));
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 2 });
  await exchange(() => service.detach(detachOf(id), call));
  await exchange(() => service.attach(attachTo(id, "i1", "b"), call));
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 2 });
});

test.each(["attach_device", "place_image"])(
  "what an agent left unanswered (%s) is asked of the next one",
  async (method) => {
    const { there, rig, service } = await opened();
    await using _rig = rig;
    await using _there = there;
    const { id } = await service.populate(blob("one"), call);
    let started: Promise<void> | undefined;
    there.before = async (asked) => {
      if (started !== undefined || asked !== method) return;
      await there.of("b").leave();
      started = there.of("b").start();
    };
    await service.attach(attachTo(id, "i1"), call);
    await started;
    expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 1 });
  },
);

test("a host whose agent does not come back is waited for until it is not expected any more", async () => {
  const { there, rig, service } = await opened();
  await using _rig = rig;
  await using _there = there;
  const { id } = await service.populate(blob("one"), call);
  await there.of("b").leave();
  const refused = expect(service.attach(attachTo(id, "i1", "b"), call)).rejects.toMatchObject({
    reason: "HOST_UNREACHABLE",
  });
  there.at += 20_000;
  there.agents.tick();
  await refused;
  expect((await service.get(id, call)).attachments).toEqual([]);
});

test("a late command of a service that was taken over changes nothing, also after a restart of the agent", async () => {
  const { there, rig, service } = await opened();
  await using _there = there;
  await using _rig = rig;
  const { id } = await service.populate(blob("one"), call);
  const idle = await rig.catalog.find(id);
  const late = there.hosts.at("b", { driveId: id, revision: idle?.drive.revision ?? 0 });
  await service.attach(attachTo(id, "i1"), call);
  const attached = await service.get(id, call);
  const device = attached.attachments[0]?.device;
  if (device === undefined) throw new Error("the drive is attached");
  for (const restart of [false, true]) {
    if (restart) {
      await there.of("b").kill();
      await there.of("b").start();
    }
    const detached = late.hypervisor.detach("i1", id, device, true, { signal: pass() });
    await expect(detached).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    await expect(late.images.removeDrive(id)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  }
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("what nobody needs on a host any more is swept there, and what was lost comes back", async () => {
  const { there, rig, service, clock } = await opened();
  await using _there = there;
  await using _rig = rig;
  const { id } = await service.populate(blob("one"), call);
  await service.attach(attachTo(id, "i1"), call);
  const { images } = there.of("b");
  const [kept] = (await images?.list()) ?? [];
  const stray = randomUUID();
  for (const [drive, generation] of [
    [stray, 1],
    [id, 9],
  ] as const) {
    await images?.place(
      drive,
      generation,
      { format: "raw", size: 512, label: undefined, extents: [] },
      { signal: pass() },
    );
  }
  there.of("b").machines.lose("i1", id);
  expect(await service.reconcile(pass())).toMatchObject({ restored: 1, orphans: 1, refusals: [] });
  expect(await images?.list()).toHaveLength(2);
  clock.toNextSweep();
  expect(await service.reconcile(pass())).toMatchObject({ restored: 0, orphans: 1, refusals: [] });
  expect(await images?.list()).toEqual([kept]);
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("copies of a drive that is gone are swept while an image of it is cut off on its way", async () => {
  const { there, rig, service } = await opened();
  await using _there = there;
  await using _rig = rig;
  const driveId = randomUUID();
  const { images } = there.hosts.at("b", { driveId, revision: 1 });
  const zeros = { format: "raw", size: 4 << 20, label: undefined, extents: [] } as const;
  const large = { ...zeros, extents: [{ offset: 0, data: fromBytes(Buffer.alloc(4 << 20, 1)) }] };
  await images.place(driveId, 1, zeros, { signal: pass() });
  let steps = 0;
  there.before = async (method) => {
    if (method === "place_image" && ++steps === 3) throw new Error("the service is killed");
  };
  await expect(images.place(driveId, 2, large, { signal: pass() })).rejects.toThrow();
  there.before = async () => undefined;
  expect(await images.list()).toHaveLength(2);
  await service.reconcile(pass());
  expect(await images.list()).toEqual([]);
});

test.each([true, false])(
  "a copy that was brought for somebody to take outlives the next sweep, the first one: %s",
  async (first) => {
    const { there, rig, service, clock } = await opened();
    await using _there = there;
    await using _rig = rig;
    const sweep = async () => {
      const { orphans } = await service.reconcile(pass());
      clock.toNextSweep();
      return orphans;
    };
    if (!first) expect(await sweep()).toBe(0);
    const { image } = await service.buildInstanceDrive(
      {
        ...{ requestId: randomUUID(), instanceId: randomUUID(), host: "a", role: "config", sizeBytes: 0 },
        content: { kind: "files", files: [], directories: [{ path: "empty" }] },
      },
      call,
    );
    expect(await sweep()).toBe(0);
    expect(await there.of("a").images?.list()).toMatchObject([{ driveId: image.driveId, generation: 1 }]);
    expect(await sweep()).toBe(1);
    expect(await there.of("a").images?.list()).toEqual([]);
  },
);
