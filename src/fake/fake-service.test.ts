import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { connect } from "#client/connect.js";
import { at, blob, uploaded } from "#client/drive-content.js";
import { ChangeKind } from "#gen/configdrive/v1/drive_service.js";
import { FakeService } from "./fake-service.js";

const holding = (text: string) => ({ content: blob(Buffer.from(text.padEnd(512, "\n"))) });

let fake: FakeService;
beforeEach(async () => {
  fake = await FakeService.start({ instances: ["vm-1"] });
});
afterEach(() => fake[Symbol.asyncDispose]());

const service = () => connect({ target: fake.target, projectId: "demo" });

test("what an instance sees is what was asked for, byte for byte; a refresh shows what is new", async () => {
  using client = service();
  const { drive } = await client.populateVolume(holding("one"));
  const driveId = drive?.id ?? "";
  expect(await fake.volumeSeenBy("vm-1", driveId)).toBeUndefined();
  await client.attachDrive({ driveId, instanceId: "vm-1" });
  expect((await fake.volumeSeenBy("vm-1", driveId))?.toString().trimEnd()).toBe("one");
  await client.populateVolume({ ...holding("two"), driveId, whenAttached: 2 });
  await client.refreshDrive({ driveId });
  expect((await fake.volumeSeenBy("vm-1", driveId))?.toString().trimEnd()).toBe("two");
});

test("the contract's rules are the service's own: limits, repeated requests, errors", async () => {
  using client = service();
  await expect(client.populateVolume({ ...holding("x"), label: "€".repeat(40) })).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "label" }],
  });
  const requestId = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
  const first = await client.populateVolume({ ...holding("x"), requestId });
  expect(await client.populateVolume({ ...holding("x"), requestId })).toEqual(first);
  await expect(client.populateVolume({ ...holding("y"), requestId })).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  const driveId = first.drive?.id ?? "";
  await expect(client.attachDrive({ driveId, instanceId: "nobody" })).rejects.toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
  });
});

test("a method is refused as often as the test asks, a hypervisor likewise", async () => {
  using client = connect({ target: fake.target, projectId: "demo", retry: false });
  fake.refuse("PopulateVolume", "STORAGE_FULL", { metadata: { host: "fake" } });
  await expect(client.populateVolume(holding("x"))).rejects.toMatchObject({
    reason: "STORAGE_FULL",
    metadata: { host: "fake" },
  });
  const { drive } = await client.populateVolume(holding("x"));
  const driveId = drive?.id ?? "";
  fake.machines.refuse("attach", "DEVICE_BUSY");
  await expect(client.attachDrive({ driveId, instanceId: "vm-1" })).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
  await client.attachDrive({ driveId, instanceId: "vm-1" });
  fake.refuse("WatchDrives", "FORBIDDEN");
  await expect(client.watchDrives().next()).rejects.toMatchObject({ reason: "FORBIDDEN" });
});

test("a service that goes away is unreachable, and knows its drives when it is back", async () => {
  using client = connect({ target: fake.target, projectId: "demo" });
  const { drive } = await client.populateVolume(holding("x"));
  await fake.goAway();
  await expect(client.getDrive({ driveId: drive?.id ?? "" }, { retry: false })).rejects.toMatchObject({
    reason: "UNREACHABLE",
  });
  const later = client.getDrive({ driveId: drive?.id ?? "" });
  await fake.comeBack();
  expect((await later).drive?.id).toBe(drive?.id);
});

test("a watch over an absence tells of each change once", async () => {
  using client = service();
  const seen: string[] = [];
  const made: string[] = [];
  const make = async () => made.push((await client.populateVolume(holding(`${made.length}`))).drive?.id ?? "");
  for await (const { kind, driveId } of client.watchDrives()) {
    if (kind === ChangeKind.CHANGE_KIND_CURRENT) {
      await make();
      continue;
    }
    if (!seen.includes(driveId)) seen.push(driveId);
    if (seen.length === 1 && made.length === 1) {
      await fake.goAway();
      await fake.comeBack();
      await make();
    }
    if (seen.length === 2) break;
  }
  expect(seen).toEqual(made);
});

test("time is the test's", async () => {
  await using old = await FakeService.start({ now: new Date("2030-01-01T00:00:00Z"), limits: { uploadMs: 60_000 } });
  using client = connect({ target: old.target, projectId: "demo" });
  const { contentId, expiresAt } = await client.uploadContent(Buffer.from("bytes"));
  expect(expiresAt).toEqual(new Date("2030-01-01T00:01:00Z"));
  await old.advance(60_001);
  expect(old.now).toEqual(new Date("2030-01-01T00:01:00.001Z"));
  await expect(client.populateVolume({ content: uploaded({ contentId }) })).rejects.toMatchObject({
    reason: "CONTENT_NOT_FOUND",
  });
});

test("content by reference is what the test laid down", async () => {
  using client = service();
  fake.sources.put("https://images.example/seed", Buffer.alloc(512, 7));
  const { drive } = await client.populateVolume({ content: at("https://images.example/seed") });
  expect(drive?.generations[0]?.sizeBytes).toBe(512n);
  await expect(client.populateVolume({ content: at("https://images.example/none") })).rejects.toMatchObject({
    reason: "SOURCE_NOT_FOUND",
  });
  await expect(client.populateVolume({ content: at("file:///etc/passwd") })).rejects.toMatchObject({
    reason: "SOURCE_NOT_ALLOWED",
  });
});

test("instances are run with a drive, and take it with them", async () => {
  using client = service();
  const { instances } = await client.runInstances({ ...holding("born"), template: "{}", minCount: 2 });
  const [first] = instances;
  const driveId = first?.driveIds[0] ?? "";
  expect((await fake.volumeSeenBy(first?.id ?? "", driveId))?.toString().trimEnd()).toBe("born");
  await client.terminateInstances({ instanceIds: instances.map(({ id }) => id) });
  await expect(client.getDrive({ driveId })).rejects.toMatchObject({ reason: "DRIVE_NOT_FOUND" });
});

test("nothing is left of it", async () => {
  const gone = await FakeService.start();
  const directory = dirname(gone.target.slice("unix:".length));
  await gone[Symbol.asyncDispose]();
  await expect(readdir(directory)).rejects.toThrow("ENOENT");
});
