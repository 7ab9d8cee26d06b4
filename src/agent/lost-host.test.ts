import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1", AbortSignal.timeout(60_000));
const pass = () => AbortSignal.timeout(10_000);
const runOn = (host: string) => ({
  requestId: randomUUID(),
  ...{ host, name: "vm", minCount: 0, maxCount: 0, template: "good", label: "", sizeBytes: 0 },
  content: { kind: "blob", bytes: Buffer.from("hello") } as const,
});

/** A service and agents on a and b, with instance i1 on b. */
async function open() {
  const there = await AgentsModel.open("a", "b");
  there.of("b").machines.start("i1");
  const rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
  const { service } = rig;
  const attached = async (text: string) => {
    const { id } = await service.populate(blob(text), call);
    return await service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "b" }, call);
  };
  const detach = (driveId: string) => ({ requestId: randomUUID(), driveId, instanceId: "", force: false });
  return {
    ...{ there, rig, service, attached, detach },
    async [Symbol.asyncDispose]() {
      await rig[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
    },
  };
}

test("what is pending on a host that never comes back ends when it is declared lost, by the next pass or the same request", async () => {
  await using opened = await open();
  const { there, rig, service, attached, detach } = opened;
  const drives = [await attached("leaving"), await attached("changing"), await attached("staying")];
  const [leaving, changing, staying] = drives.map(({ id }) => id) as [string, string, string];
  const coming = (await service.populate(blob("coming"), call)).id;
  await service.populate(blob("next", { driveId: changing, whenAttached: "stage" }), call);
  const [made] = await service.instances.run(runOn("b"), call);
  const instanceId = made?.instance.id ?? "";
  there.before = async (method) => {
    if (method === "attach_device") await there.of("b").kill();
  };
  const attach = { requestId: randomUUID(), driveId: coming, instanceId: "i1", host: "b" };
  const asked = detach(leaving);
  const terminate = { requestId: randomUUID(), instanceIds: [instanceId] };
  const pending = [
    () => service.attach(attach, call),
    () => service.detach(asked, call),
    () => service.refresh({ requestId: randomUUID(), driveId: changing, force: false }, call),
    () => service.instances.terminate(terminate, call),
  ];
  for (const change of pending) await expect(change()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  expect((await rig.catalog.underWay()).length + (await rig.catalog.instances.underWay()).length).toBe(4);

  const lost = { host: "b", lost: true };
  const seen = await service.declareHost({ ...lost, validateOnly: true }, call);
  expect(seen).toMatchObject({ host: { state: "AWAY" }, drives: 5, instances: 1 });
  expect(await service.declareHost(lost, call)).toMatchObject({ host: { host: "b", state: "LOST" }, drives: 5 });
  expect((await service.detach(asked, call)).attachments).toEqual([]);
  const { refusals } = await service.reconcile(pass());
  // An attach cannot be: it is turned back, and told so.
  expect(refusals).toMatchObject([{ reason: "INSTANCE_NOT_RUNNING" }]);
  expect((await rig.catalog.underWay()).length + (await rig.catalog.instances.underWay()).length).toBe(0);
  expect((await service.get(coming, call)).attachments).toEqual([]);
  for (const id of [changing, staying]) {
    expect((await service.get(id, call)).attachments).toMatchObject([{ state: "ATTACHED", observedGeneration: 0 }]);
  }
  await expect(service.instances.get(instanceId, call)).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  await service.instances.terminate(terminate, call);

  // An instance that was brought up elsewhere gets its drive there.
  there.of("a").machines.start("i2");
  await service.detach(detach(staying), call);
  const elsewhere = { requestId: randomUUID(), driveId: staying, instanceId: "i2", host: "" };
  expect((await service.attach(elsewhere, call)).attachments).toMatchObject([{ host: "a", observedGeneration: 1 }]);
});

test("a lost host is neither used nor missed, until it is declared found; then what should be there is shown again", async () => {
  await using opened = await open();
  const { there, service, attached } = opened;
  const { id } = await attached("one");
  const other = (await service.populate(blob("two"), call)).id;
  const lost = { host: "b", lost: true };
  await expect(service.declareHost(lost, call)).rejects.toMatchObject({ reason: "HOST_PRESENT" });
  await expect(service.declareHost({ ...lost, host: "c" }, call)).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  there.at += 30_000;
  await there.of("a").start();
  await expect(service.declareHost({ ...lost, host: "c" }, call)).rejects.toMatchObject({ reason: "HOST_UNKNOWN" });
  await service.declareHost(lost, call);
  await there.of("b").start();
  expect(service.hosts()).toMatchObject([
    { host: "a", state: "PRESENT" },
    { host: "b", state: "LOST" },
  ]);
  const attach = (host: string) => ({ requestId: randomUUID(), driveId: other, instanceId: "i1", host });
  await expect(service.attach(attach("b"), call)).rejects.toMatchObject({ reason: "HOST_UNKNOWN" });
  await expect(service.attach(attach(""), call)).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  await expect(service.instances.run(runOn("b"), call)).rejects.toMatchObject({ reason: "HOST_UNKNOWN" });
  expect((await service.instances.run(runOn(""), call))[0]?.instance.host).toBe("a");
  await service.reconcile(pass());
  there.of("b").machines.lose("i1", id);
  expect(await service.declareHost({ host: "b", lost: false }, call)).toMatchObject({ host: { state: "PRESENT" } });
  expect(await service.reconcile(pass())).toMatchObject({ refusals: [] });
  expect(there.of("b").machines.seenBy("i1")).toEqual({ [id]: 1 });
});

test("an instance that ran on a host that is lost counts as stopped, also where the service never heard of the host", async () => {
  await using opened = await open();
  const { there, rig, service } = opened;
  const [made] = await service.instances.run(runOn("b"), call);
  await using others = await AgentsModel.open("a");
  others.at += 30_000;
  const change = { hosts: others.hosts, catalog: rig.catalog };
  await using later = await DriveServiceRig.open(new MachineModel(), { change });
  await later.service.declareHost({ host: "b", lost: true }, call);
  expect(await later.service.reconcile(pass())).toMatchObject({ stopped: 1, refusals: [] });
  expect((await service.instances.get(made?.instance.id ?? "", call)).instance.state).toBe("STOPPED");
  expect(there.of("b").machines.running).toBe(2);
});

test("a run on a host that is lost in its midst leaves neither instance nor drive; a start leaves it stopped", async () => {
  await using opened = await open();
  const { there, rig, service } = opened;
  const [made] = await service.instances.run(runOn("b"), call);
  const instanceId = made?.instance.id ?? "";
  await service.instances.stop({ requestId: randomUUID(), instanceId, graceMs: 0 }, call);
  there.before = async (method) => {
    if (method === "launch_instance") await there.of("b").kill();
  };
  const start = service.instances.start({ requestId: randomUUID(), instanceId }, call);
  await expect(start).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  await there.of("b").start();
  await expect(service.instances.run(runOn("b"), call)).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
  await service.declareHost({ host: "b", lost: true }, call);
  await service.reconcile(pass());
  expect(await rig.catalog.instances.underWay()).toEqual([]);
  const { instances } = await service.instances.list({ reservationId: "", pageSize: 0, pageToken: "" }, call);
  expect(instances).toMatchObject([{ instance: { id: instanceId, state: "STOPPED" } }]);
  await service.instances.terminate({ requestId: randomUUID(), instanceIds: [instanceId] }, call);
  expect((await service.list({ instanceId: "", pageSize: 0, pageToken: "" }, call)).drives).toEqual([]);
});
