import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { driveState } from "./drive.js";
import { Refusal } from "./refusal.js";
import type { DriveService } from "./service.js";

const call = callOf("p1");
const { signal } = new AbortController();
const device = { kind: "cdrom", bus: "ide", name: "hda", reason: "its manager chose it" } as const;

/** Calls about a drive that an instance has, by name. */
const CALLS = {
  detach: (service: DriveService, driveId: string) =>
    service.detach({ requestId: randomUUID(), driveId, instanceId: "i1", force: false }, call),
  refresh: (service: DriveService, driveId: string) =>
    service.refresh({ requestId: randomUUID(), driveId, force: false }, call),
  populate: (service: DriveService, driveId: string) =>
    service.populate(blob("two", { driveId, whenAttached: "stage" }), call),
  update: (service: DriveService, driveId: string) =>
    service.update({ requestId: randomUUID(), driveId, deleteOnTermination: false }, call),
  connect: (service: DriveService, driveId: string) =>
    service.connect({ requestId: randomUUID(), driveId, instanceId: "i1", host: "here", device, running: false }, call),
  disconnect: (service: DriveService, driveId: string) =>
    service.disconnect({ requestId: randomUUID(), driveId, instanceId: "i1", host: "here" }, call),
} as const;
const names = Object.keys(CALLS) as readonly (keyof typeof CALLS)[];

/** An instance that has lost the drive that it is to have. */
async function losing() {
  const machines = new MachineModel();
  machines.start("i1");
  const rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  machines.lose("i1", id);
  return { machines, rig, id };
}

test.each(names)("%s waits while the reconciler shows the drive again", async (name) => {
  const { machines, rig, id } = await losing();
  await using _ = rig;
  const { reached, release } = machines.hold("attach");
  const pass = rig.service.reconcile(signal);
  await reached;
  const asked = CALLS[name](rig.service, id);
  const answered = expect(asked).resolves.toBeDefined();
  // It has met the operation that is under way before it goes on.
  await rig.service.get(id, call);
  release();
  await answered;
  expect(await pass).toMatchObject({ restored: 1, refusals: [] });
});

test("a call that waited for a drive to be shown again goes on where that is refused", async () => {
  const { machines, rig, id } = await losing();
  await using _ = rig;
  machines.refuse("attach", "HYPERVISOR_FAILED");
  const { reached, release } = machines.hold("attach");
  const pass = rig.service.reconcile(signal);
  await reached;
  const detached = expect(CALLS.detach(rig.service, id)).resolves.toMatchObject({ attachments: [] });
  await rig.service.get(id, call);
  release();
  await detached;
  expect(await pass).toMatchObject({ refusals: [{ reason: "HYPERVISOR_FAILED" }] });
});

test.each(names)("%s looks again where the reconciler came between its look and its commit", async (name) => {
  const { rig, id } = await losing();
  await using _ = rig;
  const { open, settle } = rig.catalog;
  let restored = 0;
  const once = async () => {
    Object.assign(rig.catalog, { open, settle });
    restored += (await rig.service.reconcile(signal)).restored;
  };
  Object.assign(rig.catalog, {
    open: async (...asked: Parameters<typeof open>) => await once().then(() => rig.catalog.open(...asked)),
    settle: async (...asked: Parameters<typeof settle>) => await once().then(() => rig.catalog.settle(...asked)),
  });
  await CALLS[name](rig.service, id);
  expect(restored).toBe(1);
});

test("an etag is not looked past: the drive that was shown again is not the one that the caller knows", async () => {
  const { machines, rig, id } = await losing();
  await using _ = rig;
  const { reached, release } = machines.hold("attach");
  const pass = rig.service.reconcile(signal);
  await reached;
  const asked = { requestId: randomUUID(), driveId: id, deleteOnTermination: false, etag: "one-of-before" };
  const refused = expect(rig.service.update(asked, call)).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
  await rig.service.get(id, call);
  release();
  await refused;
  await pass;
});

test.each(["build", "stage", "connect"] as const)(
  "%s brings the image all the same when the host was told of a newer revision meanwhile",
  async (what) => {
    await using there = await AgentsModel.open("a");
    await using rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
    const instanceId = randomUUID();
    const built = {
      ...{ requestId: randomUUID(), instanceId, host: "a", role: "config" as const, sizeBytes: 0 },
      content: { kind: "files" as const, files: [], directories: [{ path: "empty" }] },
    };
    const { drive } = await rig.service.buildInstanceDrive(built, call);
    await rig.service.recordInstanceDrive(
      { requestId: randomUUID(), instanceId, host: "a", shown: { generation: 1, device } },
      call,
    );
    let restored = 0;
    there.before = async (method) => {
      if (method !== "locate_image") return;
      there.before = async () => undefined;
      // Its manager has not started it yet: it is seen to see nothing, and the host hears of that.
      restored += (await rig.service.reconcile(signal)).restored;
      await rig.service.stageInstanceDrive({ instanceId, host: "a", generation: 1 }, call);
    };
    const { image } = await {
      build: () => rig.service.buildInstanceDrive({ ...built }, call),
      stage: () => rig.service.stageInstanceDrive({ instanceId, host: "a", generation: 1 }, call),
      connect: () =>
        rig.service.connect(
          { requestId: randomUUID(), driveId: drive.id, instanceId, host: "a", device, running: false },
          call,
        ),
    }[what]();
    expect(image).toMatchObject({ driveId: drive.id, generation: 1 });
    expect(restored).toBe(1);
  },
);

test.each(["inspect", "diff", "download"] as const)(
  "%s looks again when the generation that it was about to read was replaced",
  async (what) => {
    await using rig = await DriveServiceRig.open(new MachineModel());
    const { id } = await rig.service.populate(blob("one"), call);
    const { find } = rig.catalog;
    rig.catalog.find = async (driveId) => {
      const found = await find.call(rig.catalog, driveId);
      rig.catalog.find = find;
      await rig.service.populate(blob("two", { driveId: id }), call);
      return found;
    };
    const seen = {
      inspect: async () => (await rig.service.inspect({ driveId: id, generation: 0 }, call)).generation,
      diff: async () => (await rig.service.diff(id, call)).pending,
      download: async () => (await rig.service.download({ driveId: id, generation: 0 }, call)).generation.number,
    };
    expect(await seen[what]()).toBe(2);
  },
);

test("a call that another service ends just when it is taken over is answered with what became of it", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  const first = await DriveServiceRig.open(machines);
  const { id } = await first.service.populate(blob("one"), call);
  const request = { requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" };
  const { reached, release } = machines.hold("attach");
  const lost = expect(first.service.attach(request, call)).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  await reached;
  const leaving = first.service.drain(AbortSignal.abort());
  release();
  await Promise.all([leaving, lost]);
  await first.catalog.dispose();

  await using rig = await DriveServiceRig.open(machines, { directory: first.directory });
  const takeOver = rig.catalog.takeOver.bind(rig.catalog);
  rig.catalog.takeOver = async (record) => {
    const theirs = await takeOver(record);
    const attachments = theirs.drive.attachments.map((one) => ({ ...one, state: "ATTACHED" as const }));
    await rig.catalog.close(theirs, { ...theirs.drive, attachments }, "DONE");
    throw new Refusal("DRIVE_BUSY", "another service has it", { metadata: { drive_id: id } });
  };
  expect(await rig.service.attach(request, call)).toMatchObject({ attachments: [{ state: "ATTACHED" }] });
});

test("a drive that another call is at is busy at once", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id } = await rig.service.populate(blob("one"), call);
  const { reached, release } = machines.hold("attach");
  const attaching = rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  await reached;
  await expect(CALLS.detach(rig.service, id)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  release();
  expect(driveState(await attaching)).toBe("IN_USE");
});
