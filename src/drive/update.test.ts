import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { etagOf } from "./drive.js";

const call = callOf("p1");

test("an update keeps a drive beyond its instance, or not, and the same again changes nothing", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const before = await rig.service.populate(blob("one"), call);
  const request = { requestId: randomUUID(), driveId: before.id, deleteOnTermination: false };
  const kept = await rig.service.update(request, call);
  expect(kept).toEqual({ ...before, deleteOnTermination: false, revision: kept.revision, updatedAt: kept.updatedAt });
  expect(kept.revision).toBeGreaterThan(before.revision);
  expect(await rig.service.update(request, call)).toEqual(kept);
  expect(await rig.service.update({ ...request, requestId: randomUUID() }, call)).toEqual(kept);
  await expect(rig.service.update({ ...request, deleteOnTermination: true }, call)).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
});

test("an update that says nothing, or is about another's drive, is refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  await expect(rig.service.update({ requestId: randomUUID(), driveId: id }, call)).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
  });
  const foreign = { requestId: randomUUID(), driveId: id, deleteOnTermination: false };
  await expect(rig.service.update(foreign, callOf("p2"))).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
});

test("a request with an etag is carried out only on the drive that its caller saw", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const seen = await rig.service.populate(blob("one"), call);
  const etag = etagOf(seen);
  const mine = { requestId: randomUUID(), driveId: seen.id, deleteOnTermination: false, etag };
  await rig.service.update(mine, call);
  const stale = { driveId: seen.id, etag };
  for (const refused of [
    rig.service.populate(blob("two", stale), call),
    rig.service.attach({ requestId: randomUUID(), instanceId: "i1", host: "", ...stale }, call),
    rig.service.refresh({ requestId: randomUUID(), force: false, ...stale }, call),
    rig.service.detach({ requestId: randomUUID(), instanceId: "", force: false, ...stale }, call),
    rig.service.update({ requestId: randomUUID(), deleteOnTermination: true, ...stale }, call),
    rig.service.delete({ requestId: randomUUID(), ...stale }, call),
  ]) {
    await expect(refused).rejects.toMatchObject({ reason: "ETAG_MISMATCH", violations: [{ field: "etag" }] });
  }
  expect(await rig.service.update(mine, call)).toMatchObject({ deleteOnTermination: false });
  const now = etagOf(await rig.service.get(seen.id, call));
  await rig.service.delete({ requestId: randomUUID(), driveId: seen.id, etag: now }, call);
});

test("what is only to be validated is answered or refused like the true call, and nothing is done", async () => {
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines);
  const request = blob("one", { validateOnly: true });
  expect(await rig.service.populate(request, call)).toMatchObject({
    id: "",
    generations: [{ number: 1, state: "BUILDING" }],
  });
  await expect(rig.service.populate(blob("", { sizeBytes: 3, validateOnly: true }), call)).rejects.toMatchObject({
    reason: "CONTENT_NOT_REPRESENTABLE",
  });
  expect(await rig.files()).toEqual([]);
  const drive = await rig.service.populate({ ...request, validateOnly: false }, call);
  const common = { driveId: drive.id, validateOnly: true };
  const attach = { requestId: randomUUID(), instanceId: "i1", host: "", ...common };
  expect(await rig.service.attach(attach, call)).toMatchObject({
    attachments: [{ state: "ATTACHING", device: { kind: "cdrom", bus: "scsi", reason: "free" } }],
  });
  await expect(rig.service.attach({ ...attach, instanceId: "i2" }, call)).rejects.toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
  });
  await rig.service.update({ requestId: randomUUID(), deleteOnTermination: false, ...common }, call);
  await rig.service.detach({ requestId: randomUUID(), instanceId: "", force: false, ...common }, call);
  await rig.service.delete({ requestId: randomUUID(), ...common }, call);
  expect(await rig.service.get(drive.id, call)).toEqual(drive);
  expect(machines.changes).toEqual([]);
  expect(await rig.service.attach({ ...attach, validateOnly: false }, call)).toMatchObject({
    attachments: [{ state: "ATTACHED" }],
  });
});
