import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { LauncherModel } from "#fake/launcher-model.js";
import { MachineModel } from "#fake/machine-model.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { defaultLimits } from "../limits.js";
import type { Operation } from "../operation.js";
import { Refusal } from "../refusal.js";
import type { RunInstances } from "./use-cases.js";

const call = callOf("p1");
const everything = { instanceId: "", pageSize: 0, pageToken: "" };

function run(change: Partial<RunInstances> = {}): RunInstances {
  return {
    requestId: randomUUID(),
    ...{ host: "", name: "vm", minCount: 0, maxCount: 0, template: "good", label: "", sizeBytes: 0 },
    content: { kind: "blob", bytes: Buffer.from("hello") },
    ...change,
  };
}

/** A service over a launcher model. */
async function open(change: Parameters<typeof DriveServiceRig.open>[1] = {}) {
  const machines = new MachineModel();
  const launcher = new LauncherModel(machines);
  const rig = await DriveServiceRig.open(machines, {
    ...change,
    launcher,
  });
  const { instances } = rig.service;
  return { machines, launcher, rig, instances, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** That there is neither an instance nor a drive nor a file. */
async function expectNothing({ machines, rig, instances }: Opened): Promise<void> {
  expect(machines.running).toBe(0);
  expect((await instances.list({ reservationId: "", pageSize: 0, pageToken: "" }, call)).instances).toEqual([]);
  expect((await rig.service.list(everything, call)).drives).toEqual([]);
  expect(await rig.files()).toEqual([]);
  expect(await rig.catalog.instances.underWay()).toEqual([]);
}

test("an instance runs with its drive in it, and both go together", async () => {
  await using opened = await open();
  const { instances, rig, machines, launcher } = opened;
  const [made] = await instances.run(run(), call);
  expect(made).toMatchObject({ instance: { name: "vm", host: "here", state: "RUNNING", launchIndex: 0 } });
  const id = made?.instance.id ?? "";
  const [driveId = ""] = made?.driveIds ?? [];
  expect(machines.seenBy(id)).toEqual({ [driveId]: 1 });
  expect(await rig.service.get(driveId, call)).toMatchObject({
    attachments: [{ instanceId: id, state: "ATTACHED", desiredGeneration: 1, observedGeneration: 1 }],
    deleteOnTermination: true,
  });
  expect(await instances.get(id, call)).toEqual(made);
  await instances.terminate({ requestId: randomUUID(), instanceIds: [id, id] }, call);
  expect(launcher.changes).toEqual(["launch 0 1", "destroy"]);
  await expectNothing(opened);
});

test("a drive that is to be kept is nobody's when its instance is gone", async () => {
  await using opened = await open();
  const { instances, rig } = opened;
  const [made] = await instances.run(run({ deleteOnTermination: false }), call);
  await instances.terminate({ requestId: randomUUID(), instanceIds: [made?.instance.id ?? ""] }, call);
  expect((await rig.service.list(everything, call)).drives).toMatchObject([
    { attachments: [], deleteOnTermination: false },
  ]);
});

test("each instance of several is told its own id, name and launch index", async () => {
  await using opened = await open();
  const content = { kind: "config_data", layout: "openstack", guest: "linux", json: "{}" } as const;
  const made = await opened.instances.run(run({ content, minCount: 3 }), call);
  expect(made.map(({ instance }) => instance.name).sort()).toEqual(["vm-0", "vm-1", "vm-2"]);
  for (const { instance, driveIds } of made) {
    const { id, name, launchIndex } = instance;
    const spec = await opened.rig.catalog.spec(driveIds[0] ?? "", 1);
    expect(spec?.content).toMatchObject({ instance: { id, name, launchIndex } });
  }
  expect(new Set(made.map(({ instance }) => instance.reservationId)).size).toBe(1);
});

test("what no reader in the guest takes whole from the device that is asked for is refused, as at an attach", async () => {
  await using opened = await open();
  const content = { kind: "config_data", layout: "openstack", guest: "windows", json: "{}" } as const;
  const large = { content, sizeBytes: 200 << 20, validateOnly: true };
  await expect(opened.instances.run(run({ ...large, kind: "disk" }), call)).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "kind", rule: expect.stringContaining("readers of a disk take at most 134215680 bytes") }],
  });
  await expect(opened.instances.run(run(large), call)).resolves.toHaveLength(1);
});

test("instances are listed a page at a time, and by reservation", async () => {
  await using opened = await open();
  const { instances } = opened;
  const [three, one] = [await instances.run(run({ minCount: 3 }), call), await instances.run(run(), call)];
  const idsOf = (views: readonly { readonly instance: { readonly id: string } }[]) =>
    views.map(({ instance }) => instance.id);
  const all = { reservationId: "", pageSize: 3, pageToken: "" };
  const first = await instances.list(all, call);
  const rest = await instances.list({ ...all, pageToken: first.nextPageToken }, call);
  expect([first.instances.length, rest.instances.length, rest.nextPageToken]).toEqual([3, 1, ""]);
  expect(idsOf([...first.instances, ...rest.instances])).toEqual(idsOf([...three, ...one]).sort());
  const reservationId = three[0]?.instance.reservationId ?? "";
  const together = await instances.list({ ...all, reservationId }, call);
  expect([idsOf(together.instances), together.nextPageToken]).toEqual([idsOf(three).sort(), ""]);
  expect(await instances.list({ ...all, reservationId: randomUUID() }, call)).toMatchObject({ instances: [] });
  expect(await instances.list(all, callOf("p2"))).toMatchObject({ instances: [] });
  for (const wrong of [{ pageToken: "not a token" }, { pageSize: 100_000 }]) {
    await expect(instances.list({ ...all, ...wrong }, call)).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
  }
});

test("new content between stop and start shows at the start", async () => {
  await using opened = await open();
  const { instances, rig, machines } = opened;
  const [made] = await instances.run(run(), call);
  const instanceId = made?.instance.id ?? "";
  const driveId = made?.driveIds[0] ?? "";
  const stopped = await instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
  expect(stopped.instance.state).toBe("STOPPED");
  expect((await rig.service.get(driveId, call)).attachments).toMatchObject([{ observedGeneration: 0 }]);
  const content = { kind: "blob", bytes: Buffer.from("new") } as const;
  const populate = {
    requestId: randomUUID(),
    driveId,
    content,
    label: "",
    sizeBytes: 0,
    whenAttached: "stage",
  } as const;
  await rig.service.populate(populate, call);
  const request = { requestId: randomUUID(), instanceId };
  expect((await instances.start(request, call)).instance.state).toBe("RUNNING");
  expect(machines.seenBy(instanceId)).toEqual({ [driveId]: 2 });
  expect((await instances.start(request, call)).instance.state).toBe("RUNNING");
  expect((await instances.start({ ...request, requestId: randomUUID() }, call)).instance.state).toBe("RUNNING");
  expect(opened.launcher.changes).toEqual(["launch 0 1", "stop 0", "launch 0 2"]);
});

test("the same request gives the same instances, also while it runs; another one under its id is refused", async () => {
  await using opened = await open();
  const { instances, machines } = opened;
  const request = run({ minCount: 2 });
  const [first, second] = await Promise.all([instances.run(request, call), instances.run(request, call)]);
  const third = await instances.run({ ...request }, call);
  const ids = (views: typeof first) => views.map(({ instance }) => instance.id).sort();
  expect(ids(second)).toEqual(ids(first));
  expect(ids(third)).toEqual(ids(first));
  expect(machines.running).toBe(2);
  await expect(instances.run({ ...request, template: "other" }, call)).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  await expect(instances.run(request, callOf("p2"))).resolves.toHaveLength(2);
});

test.each<[string, Partial<RunInstances>, Partial<Refusal>]>([
  [
    "a template that does not parse",
    { template: "bad" },
    { reason: "INVALID_ARGUMENT", violations: [{ field: "template", rule: "is bad" }] },
  ],
  ["fewer at most than at least", { minCount: 3, maxCount: 2 }, { reason: "INVALID_ARGUMENT" }],
  ["more than the project may have", { minCount: 4 }, { reason: "QUOTA_EXCEEDED" }],
  ["another host", { host: "elsewhere" }, { reason: "HOST_UNKNOWN" }],
  [
    "an upload that is not there",
    { content: { kind: "blob", bytes: { contentId: randomUUID() } } },
    { reason: "CONTENT_NOT_FOUND" },
  ],
  ["content that does not fit", { sizeBytes: 3 }, { reason: "VOLUME_TOO_SMALL" }],
  [
    "one identity for several instances",
    { minCount: 2, content: { kind: "config_data", layout: "nocloud", guest: "linux", json: '{"instance_id": "i"}' } },
    { reason: "INVALID_ARGUMENT" },
  ],
])("%s is refused before anything is placed", async (_what, change, refusal) => {
  await using opened = await open({ change: { limits: { ...defaultLimits, instances: 3 } } });
  await expect(opened.instances.run(run(change), call)).rejects.toMatchObject(refusal);
  expect(opened.launcher.changes).toEqual([]);
  await expectNothing(opened);
});

test("validate_only says what would be, and makes nothing of it", async () => {
  await using opened = await open();
  const views = await opened.instances.run(run({ minCount: 2, validateOnly: true }), call);
  expect(views).toMatchObject([{ instance: { id: "", name: "vm-0" } }, { instance: { id: "", name: "vm-1" } }]);
  await expectNothing(opened);
});

test("with fewer than the least there is none; with more, those that can be", async () => {
  await using opened = await open();
  const { instances, launcher, machines } = opened;
  launcher.refused.add(1);
  const all = run({ minCount: 3 });
  await expect(instances.run(all, call)).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED" });
  await expectNothing(opened);
  const some = await instances.run(run({ minCount: 2, maxCount: 3 }), call);
  expect(some.map(({ instance }) => instance.launchIndex).sort()).toEqual([0, 2]);
  expect(machines.running).toBe(2);
  expect((await opened.rig.service.list(everything, call)).drives).toHaveLength(2);
  launcher.refused.clear();
  expect(await instances.run(all, call)).toHaveLength(3);
});

test("what another project runs is not there", async () => {
  await using opened = await open();
  const [made] = await opened.instances.run(run(), call);
  const instanceId = made?.instance.id ?? "";
  const other = callOf("p2");
  const asked = { requestId: randomUUID(), instanceId };
  await expect(opened.instances.get(instanceId, other)).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  await expect(opened.instances.stop({ ...asked, graceMs: 0 }, other)).rejects.toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
  });
  await expect(opened.instances.start({ ...asked, etag: "0" }, call)).rejects.toMatchObject({
    reason: "ETAG_MISMATCH",
  });
  await opened.instances.terminate({ requestId: randomUUID(), instanceIds: [instanceId] }, other);
  expect(opened.machines.isRunning(instanceId)).toBe(true);
});

test("a guest that ended by itself is found stopped, and starts again", async () => {
  await using opened = await open();
  const [made] = await opened.instances.run(run(), call);
  const instanceId = made?.instance.id ?? "";
  opened.machines.stop(instanceId);
  expect(await opened.rig.service.reconcile(AbortSignal.timeout(10_000))).toMatchObject({ stopped: 1, refusals: [] });
  expect((await opened.instances.get(instanceId, call)).instance.state).toBe("STOPPED");
  await opened.instances.start({ requestId: randomUUID(), instanceId }, call);
  expect(opened.machines.seenBy(instanceId)).toEqual({ [made?.driveIds[0] ?? ""]: 1 });
});

test.each(["stop", "terminate"] as const)(
  "a guest that ends by itself while it is told to %s is no obstacle",
  async (what) => {
    await using opened = await open();
    const { instances, launcher, machines, rig } = opened;
    const [made] = await instances.run(run(), call);
    const instanceId = made?.instance.id ?? "";
    const { open: opening } = rig.catalog.instances;
    let noted = 0;
    rig.catalog.instances.open = async (asked) => {
      if (noted === 0) {
        machines.stop(instanceId);
        noted = (await rig.service.reconcile(AbortSignal.timeout(10_000))).stopped;
      }
      return await opening.call(rig.catalog.instances, asked);
    };
    const requestId = randomUUID();
    if (what === "terminate") {
      await instances.terminate({ requestId, instanceIds: [instanceId] }, call);
      await expectNothing(opened);
    } else {
      const stopped = await instances.stop({ requestId, instanceId, graceMs: 0 }, call);
      expect(stopped.instance.state).toBe("STOPPED");
    }
    expect(noted).toBe(1);
    expect(launcher.changes).toEqual(["launch 0 1"]);
  },
);

test.each(["run", "start"] as const)(
  "a drive that is shown again while its instance is told to %s is looked at again",
  async (what) => {
    await using opened = await open();
    const { instances, launcher, machines, rig } = opened;
    const launch = launcher.launch.bind(launcher);
    let restored = 0;
    // The guest runs, the reconciler sees that its drive is not known to be seen, and the host is told of a newer revision.
    const overtaken: typeof launch = async (...asked) => {
      await launch(...asked);
      if (restored > 0) return;
      restored = (await rig.service.reconcile(AbortSignal.timeout(10_000))).restored;
      throw new Refusal("DRIVE_BUSY", "this host was told of a newer revision");
    };
    if (what === "run") launcher.launch = overtaken;
    const [made] = await instances.run(run(), call);
    const instanceId = made?.instance.id ?? "";
    if (what === "start") {
      await instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
      launcher.launch = overtaken;
      const started = await instances.start({ requestId: randomUUID(), instanceId }, call);
      expect(started.instance.state).toBe("RUNNING");
    }
    expect(machines.seenBy(instanceId)).toEqual({ [made?.driveIds[0] ?? ""]: 1 });
    expect(restored).toBe(1);
  },
);

test("a drive that cannot be shown again while its instance is run is no reason to turn the run back", async () => {
  await using opened = await open();
  const { instances, launcher, machines, rig } = opened;
  const launch = launcher.launch.bind(launcher);
  let pass: ReturnType<typeof rig.service.reconcile> | undefined;
  launcher.launch = async (...asked) => {
    await launch(...asked);
    if (pass !== undefined) return;
    machines.refuse("refresh", "HYPERVISOR_FAILED");
    const { reached, release } = machines.hold("refresh");
    pass = rig.service.reconcile(AbortSignal.timeout(10_000));
    await reached;
    setImmediate(release);
    throw new Refusal("DRIVE_BUSY", "this host was told of a newer revision");
  };
  const [made] = await instances.run(run(), call);
  expect(made?.instance.state).toBe("RUNNING");
  expect((await pass)?.refusals).toMatchObject([{ reason: "HYPERVISOR_FAILED" }]);
});

test("a run ends when its drive is seen, also where the reconciler is just looking after that", async () => {
  await using opened = await open();
  const { instances, launcher, machines, rig } = opened;
  const launch = launcher.launch.bind(launcher);
  let pass: ReturnType<typeof rig.service.reconcile> | undefined;
  launcher.launch = async (...asked) => {
    await launch(...asked);
    const { reached, release } = machines.hold("refresh");
    pass = rig.service.reconcile(AbortSignal.timeout(10_000));
    await reached;
    setTimeout(release, 100);
  };
  const [made] = await instances.run(run(), call);
  expect(await rig.service.get(made?.driveIds[0] ?? "", call)).toMatchObject({
    attachments: [{ instanceId: made?.instance.id, state: "ATTACHED", desiredGeneration: 1, observedGeneration: 1 }],
  });
  expect(await pass).toMatchObject({ restored: 1, refusals: [] });
});

test("a drive that another service is at is waited for before its instance starts", async () => {
  await using opened = await open();
  const { instances, machines, rig } = opened;
  const [made] = await instances.run(run(), call);
  const [instanceId = "", driveId = ""] = [made?.instance.id, made?.driveIds[0]];
  await instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
  const from = await rig.catalog.find(driveId);
  if (from === undefined) throw new Error("there is no drive");
  const operation: Operation = {
    ...{ id: randomUUID(), driveId, kind: "restore", failure: undefined, force: false, request: undefined },
    startedAt: new Date(),
  };
  const theirs = await rig.catalog.open({ request: undefined, operation, drive: from.drive, from });
  const asked = Promise.withResolvers<void>();
  rig.catalog.takeOver = async () => {
    asked.resolve();
    throw new Refusal("DRIVE_BUSY", "a living service has it");
  };
  const starting = instances.start({ requestId: randomUUID(), instanceId }, call);
  const started = expect(starting).resolves.toMatchObject({ instance: { state: "RUNNING" } });
  await asked.promise;
  // As long as another service may take to show a drive.
  await pause(100);
  await rig.catalog.close(theirs, theirs.drive, "DONE");
  await started;
  expect(machines.seenBy(instanceId)).toEqual({ [driveId]: 1 });
});

test("a drive that is shown again while its instance is terminated goes all the same", async () => {
  await using opened = await open();
  const { instances, rig } = opened;
  const [made] = await instances.run(run(), call);
  const opening = rig.catalog.open.bind(rig.catalog);
  let restored = 0;
  rig.catalog.open = async (asked) => {
    if (asked.operation.kind === "release" && restored === 0) {
      restored = (await rig.service.reconcile(AbortSignal.timeout(10_000))).restored;
    }
    return await opening(asked);
  };
  await instances.terminate({ requestId: randomUUID(), instanceIds: [made?.instance.id ?? ""] }, call);
  await expectNothing(opened);
  expect(restored).toBe(1);
});

test("without a launcher nothing is run, and the refusal says so", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await expect(rig.service.instances.run(run(), call)).rejects.toMatchObject({ reason: "LAUNCH_NOT_AVAILABLE" });
});
