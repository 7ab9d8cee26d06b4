import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { Catalog } from "./catalog.js";

const call = callOf("p1");

/** A catalog that says which of its methods were called. */
function noting(catalog: Catalog, called: string[]): Catalog {
  return new Proxy(catalog, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        called.push(String(name));
        return Reflect.apply(value, target, args);
      };
    },
  });
}

test("with validate_only no method writes anything, and the same id stands for the true request afterwards", async () => {
  const machines = new MachineModel();
  for (const id of ["i1", "i2"]) machines.start(id);
  const called: string[] = [];
  await using rig = await DriveServiceRig.open(machines, { wrap: { catalog: (catalog) => noting(catalog, called) } });
  const { service } = rig;
  const shown = await service.populate(blob("shown"), call);
  await service.attach({ requestId: randomUUID(), driveId: shown.id, instanceId: "i1", host: "" }, call);
  await service.populate(blob("staged", { driveId: shown.id, whenAttached: "stage" }), call);
  const free = await service.populate(blob("free"), call);

  const only = () => ({ requestId: randomUUID(), validateOnly: true });
  const asked = {
    "a new drive": only(),
    "new content": only(),
    "new content, shown at once": only(),
    attach: only(),
    refresh: only(),
    detach: only(),
    update: only(),
    delete: only(),
    release: only(),
  };
  const calls: Readonly<Record<keyof typeof asked, () => Promise<unknown>>> = {
    "a new drive": () => service.populate(blob("new", asked["a new drive"]), call),
    "new content": () => service.populate(blob("other", { ...asked["new content"], driveId: free.id }), call),
    "new content, shown at once": () =>
      service.populate(
        blob("other", { ...asked["new content, shown at once"], driveId: shown.id, whenAttached: "refresh" }),
        call,
      ),
    attach: () => service.attach({ ...asked.attach, driveId: free.id, instanceId: "i2", host: "" }, call),
    refresh: () => service.refresh({ ...asked.refresh, driveId: shown.id, force: true }, call),
    detach: () => service.detach({ ...asked.detach, driveId: shown.id, instanceId: "", force: true }, call),
    update: () => service.update({ ...asked.update, driveId: free.id, deleteOnTermination: false }, call),
    delete: () => service.delete({ ...asked.delete, driveId: free.id }, call),
    release: () => service.releaseInstance({ ...asked.release, instanceId: "i1", host: "" }, call),
  };
  const state = async () => ({
    drives: (await service.list({ instanceId: "", pageSize: 100, pageToken: "" }, call)).drives,
    changes: await rig.catalog.changeRange(),
    files: await rig.files(),
    machines: [machines.seenBy("i1"), machines.seenBy("i2"), [...machines.changes]],
    lost: await rig.catalog.hosts.lost(),
  });
  const before = await state();
  called.length = 0;
  for (const [name, ask] of Object.entries(calls)) {
    await ask();
    expect([name, await state()]).toEqual([name, before]);
  }
  const reads = ["request", "find", "spec", "list", "ofInstance", "driveCount", "changeRange"];
  expect(called.filter((name) => !reads.includes(name))).toEqual([]);
  for (const { requestId } of Object.values(asked)) {
    expect(await rig.catalog.request({ projectId: "p1", requestId })).toBeUndefined();
  }

  Object.assign(asked.delete, { validateOnly: false });
  await calls.delete();
  await expect(service.get(free.id, call)).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
});
