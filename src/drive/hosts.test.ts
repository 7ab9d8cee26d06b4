import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

test("a service leaves the instances of another host alone, and says whose they are", async () => {
  const call = callOf("p1");
  const there = new MachineModel();
  there.start("i1");
  const first = await DriveServiceRig.open(there);
  const { id } = await first.service.populate(blob("one"), call);
  await first.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  await first.leave();

  const here = new MachineModel();
  const second = await DriveServiceRig.open(here, { directory: first.directory, host: "elsewhere" });
  const before = await second.service.get(id, call);
  const drive = { requestId: randomUUID(), driveId: id };
  for (const refused of [
    second.service.detach({ ...drive, instanceId: "", force: false }, call),
    second.service.refresh({ ...drive, requestId: randomUUID(), force: false }, call),
    second.service.populate(blob("two", { driveId: id, whenAttached: "refresh" }), call),
  ]) {
    await expect(refused).rejects.toMatchObject({ reason: "HOST_UNKNOWN", message: expect.stringContaining("here") });
  }
  expect(await second.service.reconcile(AbortSignal.timeout(10_000))).toMatchObject({ ended: 0, restored: 0 });
  expect(await second.service.get(id, call)).toEqual(before);
  expect(here.changes).toEqual([]);
  await second.leave();
  await rm(first.directory, { recursive: true });
});

test("an operation on another host's instance is left to a service of that host", async () => {
  const call = callOf("p1");
  const machines = new MachineModel();
  machines.start("i1");
  const first = await DriveServiceRig.open(machines);
  const { id } = await first.service.populate(blob("one"), call);
  const attaching = machines.hold("attach");
  const lost = expect(
    first.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call),
  ).rejects.toMatchObject({ reason: "SHUTTING_DOWN" });
  await attaching.reached;
  const leaving = first.service.drain(AbortSignal.abort());
  attaching.release();
  await leaving;
  await lost;
  await first.catalog.dispose();

  const { directory } = first;
  const elsewhere = await DriveServiceRig.open(new MachineModel(), { directory, host: "elsewhere" });
  expect(await elsewhere.service.reconcile(AbortSignal.timeout(10_000))).toMatchObject({ ended: 0, refusals: [] });
  await elsewhere.leave();
  await using again = await DriveServiceRig.open(machines, { directory });
  expect(await again.service.reconcile(AbortSignal.timeout(10_000))).toMatchObject({ ended: 1, refusals: [] });
  expect(machines.seenBy("i1")).toEqual({ [id]: 1 });
});
