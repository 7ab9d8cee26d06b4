import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { RenderedFile } from "./hypervisor.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const files = (name: string): RenderedFile[] => [
  { path: "meta_data.json", data: { kind: "content", bytes: Buffer.from(`{"name": "${name}"}`) } },
  { path: "latest/meta_data.json", data: { kind: "same_as", path: "meta_data.json" } },
];
const refreshOf = (driveId: string) => ({ requestId: randomUUID(), driveId, force: false, rerender: true });

/** A drive that an instance was born with, on a host that runs it. */
async function born(rig: DriveServiceRig, machines: MachineModel, host: string) {
  machines.start(INSTANCE);
  const content = { kind: "files" as const, files: files("born"), directories: [] };
  const asked = { requestId: randomUUID(), instanceId: INSTANCE, host, role: "config" as const };
  const { drive } = await rig.service.buildInstanceDrive(
    { ...asked, content, format: "vfat", sizeBytes: 1 << 20 },
    call,
  );
  await rig.service.attach({ requestId: randomUUID(), driveId: drive.id, instanceId: INSTANCE, host }, call);
  return drive.id;
}

test("what the manager says now is the next generation, in the form that the drive has, and shown", async () => {
  const machines = new MachineModel();
  await using rig = await DriveServiceRig.open(machines);
  const id = await born(rig, machines, "here");
  machines.rendered.set(INSTANCE, files("renamed"));
  const request = refreshOf(id);
  const drive = await rig.service.refresh(request, call);
  expect(drive.generations.at(-1)).toMatchObject({ number: 2, state: "READY", format: "vfat", sizeBytes: 1 << 20 });
  expect(machines.seenBy(INSTANCE)).toEqual({ [id]: 2 });
  expect(await rig.service.refresh(request, call)).toEqual(drive);
  const { entries } = await rig.service.inspect({ driveId: id, generation: 2 }, call);
  expect(entries.map(({ path }) => path)).toEqual(expect.arrayContaining(["meta_data.json", "latest/meta_data.json"]));
});

test("the manager of another host is asked through its agent", async () => {
  await using there = await AgentsModel.open("a", "b");
  const { machines } = there.of("b");
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
  const id = await born(rig, machines, "b");
  machines.rendered.set(INSTANCE, files("renamed"));
  const { generations } = await rig.service.refresh(refreshOf(id), call);
  expect(generations.at(-1)).toMatchObject({ number: 2, state: "READY" });
  expect(machines.seenBy(INSTANCE)).toEqual({ [id]: 2 });
});

test("where nobody manages the instance, or nobody has the drive, it is refused and nothing is made", async () => {
  const machines = new MachineModel();
  await using rig = await DriveServiceRig.open(machines);
  const id = await born(rig, machines, "here");
  await expect(rig.service.refresh(refreshOf(id), call)).rejects.toMatchObject({ reason: "RENDER_NOT_AVAILABLE" });
  await rig.service.detach({ requestId: randomUUID(), driveId: id, instanceId: "", force: false }, call);
  await expect(rig.service.refresh(refreshOf(id), call)).rejects.toMatchObject({ reason: "NOT_ATTACHED" });
  expect((await rig.service.get(id, call)).generations).toHaveLength(1);
});
