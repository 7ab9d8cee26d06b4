import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1");

async function opened() {
  const machines = new MachineModel();
  machines.start("i1");
  const rig = await DriveServiceRig.open(machines);
  const { id: driveId } = await rig.service.populate(blob("one"), call);
  const attach = () => rig.service.attach({ requestId: randomUUID(), driveId, instanceId: "i1", host: "" }, call);
  return { machines, rig, driveId, attach };
}

test("an attach looks at nothing that the hypervisor looks at by itself", async () => {
  const { machines, rig, attach } = await opened();
  await using _ = rig;
  machines.refuse("observe", "HYPERVISOR_FAILED");
  expect(await attach()).toMatchObject({ attachments: [{ state: "ATTACHED", observedGeneration: 1 }] });
});

test("an instance that has the drive with another generation, as from before a catalog was restored, is shown the right one", async () => {
  const { machines, rig, driveId, attach } = await opened();
  await using _ = rig;
  machines.insert("i1", [{ driveId, generation: 7, path: "/old", sizeBytes: 512, format: "raw" }]);
  expect(await attach()).toMatchObject({ attachments: [{ state: "ATTACHED", observedGeneration: 1 }] });
  expect(machines.seenBy("i1")).toEqual({ [driveId]: 1 });
  expect(machines.changes).toEqual(["refresh i1 1"]);
});

test("an instance that ends between the choice of a device and the attach is told not to run", async () => {
  const { machines, rig, attach } = await opened();
  await using _ = rig;
  const held = machines.hold("attach");
  const refused = expect(attach()).rejects.toMatchObject({ reason: "INSTANCE_NOT_RUNNING" });
  await held.reached;
  machines.stop("i1");
  held.release();
  await refused;
});

test("a device that cannot come is refused as the hypervisor refused it, and asked for once", async () => {
  const { machines, rig, driveId, attach } = await opened();
  await using _ = rig;
  machines.refuse("attach", "DEVICE_BUSY");
  await expect(attach()).rejects.toMatchObject({ reason: "DEVICE_BUSY", message: "attach was refused" });
  expect(machines.changes).toEqual([]);
  expect((await rig.service.get(driveId, call)).attachments).toEqual([]);
});
