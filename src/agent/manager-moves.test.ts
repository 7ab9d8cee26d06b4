import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

const call = callOf("p1");
const INSTANCE = "0b7b6a9e-8c1f-4d5e-9a53-3f3c0f2a7d11";
const device = { kind: "cdrom", bus: "ide", name: "hda", reason: "nova chose it" } as const;

const built = (host: string) => ({
  ...{ requestId: randomUUID(), instanceId: INSTANCE, host, role: "config" as const, sizeBytes: 0 },
  content: { kind: "files" as const, files: [], directories: [{ path: "empty" }] },
});
const shown = (host: string) => ({
  ...{ requestId: randomUUID(), instanceId: INSTANCE, host },
  shown: { generation: 1, device },
});
const staged = (host: string) => ({ instanceId: INSTANCE, host, generation: 1 });
const noMore = (host: string) => ({ requestId: randomUUID(), instanceId: INSTANCE, host });

/** A service and its agents on hosts a and b; the instance was born on a, and its image has come to b. */
async function moving() {
  const there = await AgentsModel.open("a", "b");
  const rig = await DriveServiceRig.open(new MachineModel(), { change: { hosts: there.hosts } });
  const { drive } = await rig.service.buildInstanceDrive(built("a"), call);
  await rig.service.recordInstanceDrive(shown("a"), call);
  await rig.service.stageInstanceDrive(staged("b"), call);
  const image = { driveId: drive.id, generation: 1, name: "1.img" };
  return { there, rig, service: rig.service, image };
}

test("an instance that its manager moved takes its image along", async () => {
  const { there, rig, service, image } = await moving();
  await using _rig = rig;
  await using _there = there;
  expect(await there.of("b").images?.list()).toEqual([image]);
  const { attachments } = await service.recordInstanceDrive(shown("b"), call);
  expect(attachments).toMatchObject([{ host: "b", observedGeneration: 1 }]);
  expect(await there.of("a").images?.list()).toEqual([]);
  expect(await there.of("b").images?.list()).toEqual([image]);
});

test("a move that failed leaves no image where the instance did not come to", async () => {
  const { there, rig, service, image } = await moving();
  await using _rig = rig;
  await using _there = there;
  const { attachments } = await service.recordInstanceDrive(noMore("b"), call);
  expect(attachments).toMatchObject([{ host: "a" }]);
  expect(await there.of("a").images?.list()).toEqual([image]);
  expect(await there.of("b").images?.list()).toEqual([]);
});

test("the word of an instance that left a host that is away is taken", async () => {
  const { there, rig, service } = await moving();
  await using _rig = rig;
  await using _there = there;
  await there.of("a").kill();
  const { attachments } = await service.recordInstanceDrive(shown("b"), call);
  expect(attachments).toMatchObject([{ host: "b" }]);
});

test("a drive that was deleted comes again for the same instance on the same host", async () => {
  const { there, rig, service } = await moving();
  await using _rig = rig;
  await using _there = there;
  await service.releaseInstance({ requestId: randomUUID(), instanceId: INSTANCE, host: "" }, call);
  expect(await there.of("a").images?.list()).toEqual([]);
  const { drive, image } = await service.buildInstanceDrive(built("a"), call);
  expect(image).toMatchObject({ driveId: drive.id, generation: 1 });
});
