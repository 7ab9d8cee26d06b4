import { randomUUID } from "node:crypto";
import { instanceDriveId } from "#drive/instance-drive-id.js";
import { Refusal } from "#drive/refusal.js";
import type { UseCases } from "#drive/use-cases.js";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

import { NovaStandIn } from "#integration/rigs/nova-stand-in.js";
import { ComputeApi, NovaApiFailure } from "./compute-api.js";
import { VanishedInstances } from "./vanished-instances.js";

const { signal } = new AbortController();
const call = callOf("p1");

type Release = UseCases["releaseInstance"];

/**
 * A service over nova's stand-in, and a way to have drives built as nova-compute does.
 * @param releasing what is done at each release, in the place of the service's own
 * @param novas the host whose instances are nova's
 */
async function open(releasing = (own: Release): Release => own, novas = "") {
  const stack = new AsyncDisposableStack();
  const nova = stack.use(await NovaStandIn.start());
  nova.tokens.add("token");
  const machines = new MachineModel();
  const rig = stack.use(await DriveServiceRig.open(machines));
  const reported: unknown[] = [];
  const vanished = new VanishedInstances({
    ...{ catalog: rig.catalog, newId: randomUUID, isNovas: (host) => host === novas },
    drives: { releaseInstance: (request, of) => releasing(rig.service.releaseInstance)(request, of) },
    api: new ComputeApi(
      { endpoint: `${nova.url}/v2.1`, answerMs: 10_000 },
      { get: async () => "token", forget: () => undefined },
    ),
    report: ({ instanceId }, outcome) => void reported.push([instanceId, "error" in outcome ? "refused" : "released"]),
  });
  const build = async (instanceId: string) => {
    const content = { kind: "blob", bytes: Buffer.from(instanceId) } as const;
    const asked = { requestId: randomUUID(), instanceId, host: "", role: "config", content, sizeBytes: 0 } as const;
    await rig.service.buildInstanceDrive({ ...asked, format: "raw" }, call);
  };
  const owned = async () => (await rig.service.list({ pageSize: 0, pageToken: "", instanceId: "" }, call)).drives;
  return { stack, nova, machines, rig, vanished, reported, build, owned };
}

test("an instance that nova does not have at two looks in a row is let go of, and no other one", async () => {
  const { stack, nova, vanished, reported, build, owned } = await open();
  await using _ = stack;
  const [kept, gone] = [randomUUID(), randomUUID()];
  await build(kept);
  await build(gone);
  nova.servers.add(kept);
  expect(await vanished.look(signal)).toBe(0);
  expect(await vanished.look(signal)).toBe(1);
  expect(reported).toEqual([[gone, "released"]]);
  expect((await owned()).map(({ id }) => id)).toEqual([instanceDriveId(kept, "config")]);
  expect(await vanished.look(signal)).toBe(0);
});

test("one that is there again at the second look stays", async () => {
  const { stack, nova, vanished, build, owned } = await open();
  await using _ = stack;
  const id = randomUUID();
  await build(id);
  expect(await vanished.look(signal)).toBe(0);
  nova.servers.add(id);
  expect(await vanished.look(signal)).toBe(0);
  nova.servers.delete(id);
  expect(await vanished.look(signal)).toBe(0);
  expect(await owned()).toHaveLength(1);
});

test.each([
  ["GET /v2.1/servers?", 403],
  ["GET /v2.1/servers/", 500],
])("while nova answers %s with %s nothing is let go of, and the looks are counted anew", async (what, status) => {
  const { stack, nova, vanished, build, owned } = await open();
  await using _ = stack;
  await build(randomUUID());
  expect(await vanished.look(signal)).toBe(0);
  nova.instead.set(what, { status });
  await expect(vanished.look(signal)).rejects.toThrow(NovaApiFailure);
  nova.instead.clear();
  expect(await vanished.look(signal)).toBe(0);
  expect(await owned()).toHaveLength(1);
  expect(await vanished.look(signal)).toBe(1);
});

test("an instance that nova-compute did not have built here is not asked about", async () => {
  const { stack, nova, machines, rig, vanished, owned } = await open();
  await using _ = stack;
  machines.start("i1");
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  expect(await vanished.look(signal)).toBe(0);
  expect(await vanished.look(signal)).toBe(0);
  expect(nova.asked.filter((what) => what.startsWith("GET /v2.1/servers/"))).toEqual([]);
  expect(await owned()).toHaveLength(1);
});

test("an instance that has a drive as a volume alone is looked for where nova shows it", async () => {
  const { stack, nova, machines, rig, vanished, reported } = await open((own) => own, "here");
  await using _ = stack;
  const [kept, gone] = [randomUUID(), randomUUID()];
  nova.servers.add(kept);
  const device = { kind: "disk", bus: "virtio", name: "vdb", reason: "nova chose it" } as const;
  const connected = async (instanceId: string) => {
    machines.start(instanceId);
    const { id } = await rig.service.populate(blob(instanceId), call);
    await rig.service.update({ requestId: randomUUID(), driveId: id, deleteOnTermination: false }, call);
    const connecting = { requestId: randomUUID(), driveId: id, instanceId, host: "here", device, running: false };
    await rig.service.connect(connecting, call);
    return id;
  };
  const [driveOfKept, driveOfGone] = [await connected(kept), await connected(gone)];
  expect(await vanished.look(signal)).toBe(0);
  expect(await vanished.look(signal)).toBe(1);
  expect(reported).toEqual([[gone, "released"]]);
  const users = async (driveId: string) => (await rig.service.get(driveId, call)).attachments;
  expect(await users(driveOfKept)).toHaveLength(1);
  expect(await users(driveOfGone)).toEqual([]);
  expect(nova.asked.filter((what) => what.endsWith(kept))).toHaveLength(2);
});

test("an attach that is under way ends before its instance is let go of", async () => {
  const { stack, machines, vanished, reported, rig, build, owned } = await open();
  await using _ = stack;
  const id = randomUUID();
  await build(id);
  expect(await vanished.look(signal)).toBe(0);
  machines.start(id);
  const holding = machines.hold("attach");
  const attached = { requestId: randomUUID(), driveId: instanceDriveId(id, "config"), instanceId: id, host: "" };
  const attaching = rig.service.attach(attached, call);
  await holding.reached;
  const looking = vanished.look(signal);
  holding.release();
  await attaching;
  expect(await looking).toBe(1);
  expect(reported).toEqual([[id, "released"]]);
  expect(await owned()).toEqual([]);
});

test("a refusal is told, and the next look tries again", async () => {
  const releases = [async () => Promise.reject(new Refusal("DRIVE_BUSY", "held")), undefined];
  const { stack, vanished, reported, build, owned } = await open((instead) => releases.shift() ?? instead);
  await using _ = stack;
  const id = randomUUID();
  await build(id);
  expect(await vanished.look(signal)).toBe(0);
  expect(await vanished.look(signal)).toBe(0);
  expect(await owned()).toHaveLength(1);
  expect(await vanished.look(signal)).toBe(1);
  expect(reported).toEqual([
    [id, "refused"],
    [id, "released"],
  ]);
  expect(await owned()).toEqual([]);
});
