import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const device = { kind: "disk", bus: "virtio", name: "vdb", reason: "nova chose it" } as const;

/** A service with agents on hosts a and b; an instance on a has a drive as a volume, and something else is staged for its next start. */
async function withVolume() {
  const stack = new AsyncDisposableStack();
  const there = stack.use(await AgentsModel.open("a", "b"));
  const { service } = stack.use(await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } }));
  const { id: driveId } = await service.populate(blob("one"), call);
  const connect = (host: string, running: boolean) =>
    service.connect({ requestId: randomUUID(), driveId, instanceId: INSTANCE, host, device, running }, call);
  const disconnect = (host: string) =>
    service.disconnect({ requestId: randomUUID(), driveId, instanceId: INSTANCE, host }, call);
  await connect("a", false);
  await service.populate(blob("two", { driveId, whenAttached: "stage" }), call);
  return { stack, there, connect, disconnect };
}

test("a guest that comes as it runs has what it has, on both hosts until it left the first", async () => {
  const { stack, there, connect, disconnect } = await withVolume();
  await using _ = stack;
  const { drive, generation } = await connect("b", true);
  expect(generation.number).toBe(1);
  expect(drive.attachments).toMatchObject([
    { host: "a", desiredGeneration: 1 },
    { host: "b", desiredGeneration: 1 },
  ]);
  expect((await there.of("b").images?.list())?.map(({ name }) => name)).toEqual(["1.img"]);
  expect((await disconnect("a")).attachments).toMatchObject([{ host: "b", observedGeneration: 1 }]);
  expect((await connect("b", false)).generation.number).toBe(2);
});

test("one that did not come stays as it was", async () => {
  const { stack, connect, disconnect } = await withVolume();
  await using _ = stack;
  await connect("b", true);
  expect((await disconnect("b")).attachments).toMatchObject([{ host: "a", desiredGeneration: 1 }]);
});

test("one that starts on another host has what is pending, and nothing on the first, which may be gone for good", async () => {
  const { stack, there, connect } = await withVolume();
  await using _ = stack;
  await there.of("a").kill();
  const { drive, generation } = await connect("b", false);
  expect(generation.number).toBe(2);
  expect(drive.attachments).toMatchObject([{ host: "b", desiredGeneration: 2 }]);
});
