import { randomUUID } from "node:crypto";
import type { RunInstances } from "#drive/instance/use-cases.js";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1", AbortSignal.timeout(60_000));
const pass = () => AbortSignal.timeout(10_000);
const everyInstance = { reservationId: "", pageSize: 0, pageToken: "" };
const everyDrive = { instanceId: "", pageSize: 0, pageToken: "" };

function run(change: Partial<RunInstances> = {}): RunInstances {
  return {
    requestId: randomUUID(),
    ...{ host: "", name: "vm", minCount: 0, maxCount: 0, template: "good", label: "", sizeBytes: 0 },
    content: { kind: "blob", bytes: Buffer.from("hello") },
    ...change,
  };
}

/** A service that runs nothing itself, and agents on hosts a and b which do. */
async function open() {
  const there = await AgentsModel.open("a", "b");
  const rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
  const { service } = rig;
  return {
    ...{ there, rig, service, instances: service.instances },
    list: async () => (await service.instances.list(everyInstance, call)).instances.map(({ instance }) => instance),
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** That there is neither an instance nor a drive nor a file, anywhere. */
async function expectNothing({ there, rig, service, list }: Opened): Promise<void> {
  expect(await list()).toEqual([]);
  expect((await service.list(everyDrive, call)).drives).toEqual([]);
  expect(await rig.files()).toEqual([]);
  for (const host of ["a", "b"]) {
    expect(there.of(host).machines.running).toBe(0);
    expect(await there.of(host).images?.list()).toEqual([]);
  }
  expect(await rig.catalog.instances.underWay()).toEqual([]);
  expect(await rig.catalog.underWay()).toEqual([]);
}

test("instances run on the host that was asked for, or on the one with the fewest; all that they had goes with them", async () => {
  await using opened = await open();
  const { there, instances, service, list } = opened;
  const [first] = await instances.run(run({ host: "b" }), call);
  const { id = "", host } = first?.instance ?? {};
  expect(host).toBe("b");
  const [driveId = ""] = first?.driveIds ?? [];
  expect(there.of("b").machines.seenBy(id)).toEqual({ [driveId]: 1 });
  expect(await there.of("b").images?.list()).toEqual([{ driveId, generation: 1, name: "1.img" }]);
  expect(await service.get(driveId, call)).toMatchObject({
    attachments: [{ instanceId: id, host: "b", state: "ATTACHED", desiredGeneration: 1, observedGeneration: 1 }],
  });
  const chosen = [];
  for (let more = 0; more < 3; more++) chosen.push((await instances.run(run(), call))[0]?.instance.host);
  expect(chosen).toEqual(["a", "a", "b"]);
  expect(await service.capabilities(call)).toMatchObject({
    launchHost: "",
    hosts: [{ launches: true }, { launches: true }],
  });
  await instances.terminate({ requestId: randomUUID(), instanceIds: (await list()).map((each) => each.id) }, call);
  await expectNothing(opened);
});

test("what cannot be run is refused before anything is placed", async () => {
  await using opened = await open();
  const { there, instances } = opened;
  const refused = (change: Partial<RunInstances>, reason: string) =>
    expect(instances.run(run(change), call)).rejects.toMatchObject({ reason });
  await refused({ template: "bad" }, "INVALID_ARGUMENT");
  await refused({ host: "far" }, "HOST_UNREACHABLE");
  there.at += 30_000;
  await there.of("a").start({ launches: false });
  await refused({ host: "far" }, "HOST_UNKNOWN");
  await refused({ host: "a" }, "LAUNCH_NOT_AVAILABLE");
  await refused({}, "HOST_UNREACHABLE");
  await refused({ host: "b" }, "HOST_UNREACHABLE");
  await there.of("b").start({ launches: false });
  await refused({}, "LAUNCH_NOT_AVAILABLE");
  await there.of("b").start();
  await there.of("b").kill();
  await refused({}, "HOST_UNREACHABLE");
  await expectNothing(opened);
});

test("before any agent was heard of, a run is to be tried again", async () => {
  await using there = await AgentsModel.open();
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
  await expect(rig.service.instances.run(run(), call)).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  there.at += 30_000;
  await expect(rig.service.instances.run(run(), call)).rejects.toMatchObject({ reason: "LAUNCH_NOT_AVAILABLE" });
});

/** What a run of two instances asks of the agent, in order. */
async function requestsOfRun(): Promise<readonly string[]> {
  await using opened = await open();
  const asked: string[] = [];
  opened.there.before = async (method) => void asked.push(method);
  await opened.instances.run(run({ host: "a", minCount: 2 }), call);
  return asked;
}

test("an agent killed before or after any request of a run: the same request gives both instances, or there is neither", async () => {
  const asked = await requestsOfRun();
  expect(asked.filter((method) => method === "launch_instance")).toHaveLength(2);
  for (const when of ["before", "after"] as const) {
    for (const [killAt, method] of asked.entries()) {
      // An answer that is lost counts where something was done.
      if (when === "after" && !/place|launch/.test(method)) continue;
      await using opened = await open();
      const { there, rig, service, instances, list } = opened;
      let count = 0;
      there[when] = async () => {
        if (count++ === killAt) await there.of("a").kill();
      };
      const request = run({ host: "a", minCount: 2 });
      const outcome = await instances.run(request, call).catch((error: unknown) => error);
      const step = `killed ${when} request ${killAt}, ${method}`;
      // What is seen after the launch is noted later where it cannot be seen now.
      if (!Array.isArray(outcome)) expect({ step, outcome }).toMatchObject({ outcome: { reason: "HOST_UNREACHABLE" } });
      there[when] = async () => undefined;
      const begun = (await rig.catalog.instances.underWay()).length > 0;
      if (!begun && !Array.isArray(outcome)) await expectNothing(opened);
      await there.of("a").start();
      if (begun && killAt % 2 === 0) {
        expect({ step, ...(await service.reconcile(pass())) }).toMatchObject({ step, refusals: [] });
      }
      expect({ step, made: await instances.run(request, call) }).toMatchObject({
        step,
        made: [{ instance: { state: "RUNNING" } }, { instance: { state: "RUNNING" } }],
      });
      await service.reconcile(pass());
      const drives = (await service.list(everyDrive, call)).drives;
      expect(drives.flatMap(({ attachments }) => attachments)).toMatchObject([
        { observedGeneration: 1 },
        { observedGeneration: 1 },
      ]);
      expect(there.of("a").machines.running).toBe(2);
      await instances.terminate({ requestId: randomUUID(), instanceIds: (await list()).map(({ id }) => id) }, call);
      await expectNothing(opened);
    }
  }
}, 60_000);

test("a launch that is refused leaves neither instance nor drive, also where the agent is away while it is undone", async () => {
  await using opened = await open();
  const { there, instances, service } = opened;
  there.of("a").launcher.refused.add(1);
  const request = run({ host: "a", minCount: 2 });
  await expect(instances.run(request, call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
  await expectNothing(opened);
  there.before = async (method) => {
    if (method === "destroy_instance") await there.of("a").kill();
  };
  await expect(instances.run(request, call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
  there.before = async () => undefined;
  expect(await service.reconcile(pass())).toMatchObject({ ended: 0, refusals: [{ reason: "HOST_UNREACHABLE" }] });
  await there.of("a").start();
  // It is turned back all the way, and told as the refusal that turned it.
  expect(await service.reconcile(pass())).toMatchObject({ refusals: [{ reason: "HYPERVISOR_FAILED" }] });
  await expectNothing(opened);
});

test.each(["stop", "start", "terminate"] as const)(
  "a %s whose host is away stays pending, and ends when it is back",
  async (what) => {
    await using opened = await open();
    const { there, instances, service, list } = opened;
    const [made] = await instances.run(run({ host: "a" }), call);
    const instanceId = made?.instance.id ?? "";
    if (what === "start") await instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
    const request = { requestId: randomUUID(), instanceId };
    const change = async () => {
      if (what === "stop") await instances.stop({ ...request, graceMs: 1000 }, call);
      else if (what === "start") await instances.start(request, call);
      else await instances.terminate({ requestId: request.requestId, instanceIds: [instanceId] }, call);
    };
    const method = { stop: "stop_instance", start: "launch_instance", terminate: "destroy_instance" }[what];
    there.before = async (asked) => {
      if (asked === method) await there.of("a").kill();
    };
    for (const _ of [1, 2]) await expect(change()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
    there.before = async () => undefined;
    expect(await list()).toMatchObject([
      { state: { stop: "STOPPING", start: "STARTING", terminate: "TERMINATING" }[what] },
    ]);
    await expect(instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call)).rejects.toMatchObject({
      reason: "INSTANCE_BUSY",
    });
    expect(await service.reconcile(pass())).toMatchObject({ ended: 0, refusals: [{ reason: "HOST_UNREACHABLE" }] });
    await there.of("a").start();
    expect(await service.reconcile(pass())).toMatchObject({ ended: 1, refusals: [] });
    await change();
    if (what === "terminate") await expectNothing(opened);
    else expect(await list()).toMatchObject([{ state: what === "stop" ? "STOPPED" : "RUNNING" }]);
  },
);

test("a termination of instances on two hosts does not wait for the one that is away", async () => {
  await using opened = await open();
  const { there, instances, service } = opened;
  const [onA] = await instances.run(run({ host: "a" }), call);
  const [onB] = await instances.run(run({ host: "b" }), call);
  await there.of("a").kill();
  const request = { requestId: randomUUID(), instanceIds: [onA?.instance.id ?? "", onB?.instance.id ?? ""] };
  await expect(instances.terminate(request, call)).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  expect(there.of("b").machines.running).toBe(0);
  expect(there.of("a").machines.running).toBe(1);
  await there.of("a").start();
  expect(await service.reconcile(pass())).toMatchObject({ ended: 1, refusals: [] });
  await expectNothing(opened);
});

test("a late command of a service that was taken over runs nothing and ends nothing, also after a restart of the agent", async () => {
  await using opened = await open();
  const { there, rig, service, instances } = opened;
  const [made] = await instances.run(run({ host: "a" }), call);
  const { id: instanceId = "", revision = 0 } = made?.instance ?? {};
  const wait = { signal: pass() };
  const late = there.hosts.launcherAt("a", { instanceId, revision: revision - 1 });
  await instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
  const [record] = await rig.catalog.ofInstance("p1", instanceId);
  const [attachment] = record?.drive.attachments ?? [];
  if (record === undefined || attachment === undefined || made === undefined) throw new Error("it has its drive");
  const { drive } = record;
  const image = { driveId: drive.id, generation: 1, path: "", sizeBytes: 5, format: "raw" } as const;
  const shown = (revision: number) => [{ revision, image, device: attachment.device, deleteOnTermination: true }];
  for (const restart of [false, true]) {
    if (restart) {
      await there.of("a").kill();
      await there.of("a").start();
    }
    await expect(late.launch(made.instance, shown(drive.revision), wait)).rejects.toMatchObject({
      reason: "INSTANCE_BUSY",
    });
    await expect(late.destroy(instanceId, wait)).rejects.toMatchObject({ reason: "INSTANCE_BUSY" });
    await expect(late.runs(instanceId, wait)).rejects.toMatchObject({ reason: "INSTANCE_BUSY" });
  }
  // A drive that changed since it was read is not shown either.
  const current = there.hosts.launcherAt("a", { instanceId, revision: revision + 10 });
  await expect(current.launch(made.instance, shown(0), wait)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  expect(there.of("a").machines.running).toBe(0);
  expect(await service.get(drive.id, call)).toMatchObject({ attachments: [{ observedGeneration: 0 }] });
});

test("a guest on another host that ended by itself is found stopped", async () => {
  await using opened = await open();
  const { there, instances, service } = opened;
  const [made] = await instances.run(run({ host: "a" }), call);
  const instanceId = made?.instance.id ?? "";
  there.of("a").machines.stop(instanceId);
  expect(await service.reconcile(pass())).toMatchObject({ stopped: 1, refusals: [] });
  expect((await instances.get(instanceId, call)).instance.state).toBe("STOPPED");
});

test("an agent of before is not told what goes with an instance: it would refuse what it does not know", async () => {
  await using opened = await open();
  const { there, instances } = opened;
  const told: unknown[] = [];
  there.before = async (method, _, args) => void (method === "launch_instance" && told.push(args.drives));
  await there.of("a").start({ protocolVersion: "1.0" });
  await instances.run(run({ host: "a" }), call);
  await there.of("a").start();
  await instances.run(run({ host: "a", deleteOnTermination: false }), call);
  await instances.run(run({ host: "a" }), call);
  expect(told).toEqual([
    [expect.not.objectContaining({ delete_on_termination: expect.anything() })],
    [expect.objectContaining({ delete_on_termination: false })],
    [expect.objectContaining({ delete_on_termination: true })],
  ]);
});
