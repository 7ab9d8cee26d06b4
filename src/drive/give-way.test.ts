import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { DriveRecord } from "./catalog.js";
import { type Drive, driveState } from "./drive.js";
import { Refusal } from "./refusal.js";

const call = callOf("p1");

/** An attach that stands still at the hypervisor while somebody else takes it over and ends it with the drive given; then it goes on. */
async function lateAttach(
  rig: DriveServiceRig,
  machines: MachineModel,
  end: (taken: DriveRecord) => Drive,
): Promise<string> {
  const { id: driveId } = await rig.service.populate(blob("one"), call);
  const { reached, release } = machines.hold("attach");
  const attaching = rig.service.attach({ requestId: randomUUID(), driveId, instanceId: "i1", host: "" }, call);
  const refused = expect(attaching).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  await reached;
  const [record] = await rig.catalog.underWay();
  if (record === undefined) throw new Error("nothing is under way");
  const taken = await rig.catalog.takeOver(record);
  await rig.catalog.close(taken, end(taken), "DONE");
  release();
  await refused;
  return driveId;
}

test("an attach that comes too late is taken back from an instance that does not have the drive any more", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  await lateAttach(rig, machines, ({ drive }) => ({ ...drive, attachments: [] }));
  expect(machines.changes).toEqual(["attach i1 1", "detach i1"]);
});

test("an attach that comes too late stays where the instance has the drive", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const driveId = await lateAttach(rig, machines, ({ drive }) => ({
    ...drive,
    attachments: drive.attachments.map((attachment) => ({ ...attachment, state: "ATTACHED", observedGeneration: 1 })),
  }));
  expect(machines.seenBy("i1")).toEqual({ [driveId]: 1 });
});

test("an operation that nobody has taken over is left at once, and the reconciler ends it", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id: driveId } = await rig.service.populate(blob("one"), call);
  const { close, advance } = rig.catalog;
  const lost = async () => {
    throw new Refusal("DRIVE_BUSY", "the lease is lost");
  };
  Object.assign(rig.catalog, { close: lost, advance: lost });
  const attach = { requestId: randomUUID(), driveId, instanceId: "i1", host: "" };
  await expect(rig.service.attach(attach, call)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  Object.assign(rig.catalog, { close, advance });
  expect(machines.seenBy("i1")).toEqual({ [driveId]: 1 });
  expect(await rig.service.reconcile(AbortSignal.timeout(20_000))).toMatchObject({ ended: 1 });
  expect(driveState(await rig.service.attach(attach, call))).toBe("IN_USE");
  expect(machines.changes).toEqual(["attach i1 1"]);
});

test("while the drive has another operation nothing is taken back; once it has ended, what is not the instance's is", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const { id: driveId } = await rig.service.populate(blob("one"), call);
  const { reached, release } = machines.hold("attach");
  const attaching = rig.service.attach({ requestId: randomUUID(), driveId, instanceId: "i1", host: "" }, call);
  const refused = expect(attaching).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  await reached;
  const [record] = await rig.catalog.underWay();
  if (record === undefined) throw new Error("nothing is under way");
  const taken = await rig.catalog.takeOver(record);
  const { promise: looked, resolve } = Promise.withResolvers<void>();
  const find = rig.catalog.find.bind(rig.catalog);
  rig.catalog.find = async (id) => {
    const found = await find(id);
    if (machines.changes.length > 0) resolve();
    return found;
  };
  release();
  await looked;
  expect(machines.changes).toEqual(["attach i1 1"]);
  await rig.catalog.close(taken, { ...taken.drive, attachments: [] }, "DONE");
  await refused;
  expect(machines.changes).toEqual(["attach i1 1", "detach i1"]);
});
