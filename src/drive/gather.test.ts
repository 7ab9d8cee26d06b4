import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { AddressPolicy } from "#source/address-policy.js";
import { Sources } from "#source/sources.js";
import { defaultLimits } from "./limits.js";
import type { AskedBytes } from "./spec.js";
import type { PopulateVolume } from "./use-cases.js";

const call = callOf("p1");
const bytes = randomBytes(100 * 512);
const sha256 = createHash("sha256").update(bytes).digest("hex");
let folder: string;
let url: string;

beforeEach(async () => {
  folder = await privateDirectory("source");
  url = `file://${folder}/volume`;
  await writeFile(join(folder, "volume"), bytes);
});
afterEach(() => rm(folder, { recursive: true }));

function open(change = {}, directory?: string) {
  const http = {
    addresses: new AddressPolicy(),
    plain: false,
    redirects: 0,
    silenceMs: 100,
    attempts: 1,
    firstWaitMs: 1,
  };
  const sources = new Sources({ http, fileFolders: [folder] });
  const options = { change: { sources, ...change }, ...(directory === undefined ? {} : { directory }) };
  return DriveServiceRig.open(new MachineModel(), options);
}

const contentOf = (rig: DriveServiceRig) => readdir(join(rig.directory, "contents"));
const from = (bytes: AskedBytes, change: Partial<PopulateVolume> = {}) =>
  blob("", { content: { kind: "blob", bytes }, ...change });
const reconciled = (rig: DriveServiceRig) => rig.service.reconcile(AbortSignal.timeout(10_000));

test("a volume has exactly the bytes of its source, and its content stays for a later build", async () => {
  await using rig = await open();
  const request = from({ url, sha256, sizeBytes: bytes.length });
  const { id, generations } = await rig.service.populate(request, call);
  expect(generations).toMatchObject([{ state: "READY", format: "raw", sizeBytes: bytes.length, sha256 }]);
  expect(await contentOf(rig)).toEqual([sha256]);

  await writeFile(join(folder, "volume"), "changed since");
  expect((await rig.service.populate(request, call)).generations).toMatchObject([{ number: 1, sha256 }]);
  await rm(join(rig.directory, "images", id, "1.img"));
  expect(await rig.service.inspect({ driveId: id, generation: 1 }, call)).toMatchObject({ sha256 });

  await rig.service.delete({ requestId: randomUUID(), driveId: id }, call);
});

test("files of a tree come from sources, equal ones once; a missing same_as is refused as ever", async () => {
  await using rig = await open();
  const file = (path: string) => ({ path, data: { kind: "content" as const, bytes: { url } } });
  const inline = { path: "c", data: { kind: "content" as const, bytes: Buffer.from("inline") } };
  const same = { path: "d", data: { kind: "same_as" as const, path: "a" } };
  const files = [file("a"), file("b"), inline, same];
  const { id } = await rig.service.populate(blob("", { content: { kind: "files", files, directories: [] } }), call);
  const { entries } = await rig.service.inspect({ driveId: id, generation: 1 }, call);
  expect(entries.map((entry) => [entry.path, entry.sha256])).toEqual([
    ["a", sha256],
    ["b", sha256],
    ["c", createHash("sha256").update("inline").digest("hex")],
    ["d", sha256],
  ]);
});

test.each<[string, (url: string) => AskedBytes, string]>([
  ["a wrong digest", (url) => ({ url, sha256: "0".repeat(64) }), "SOURCE_MISMATCH"],
  ["a wrong size", (url) => ({ url, sizeBytes: 1 }), "SOURCE_MISMATCH"],
  ["nothing there", (url) => ({ url: `${url}2` }), "SOURCE_NOT_FOUND"],
  ["a scheme that is not configured", () => ({ url: "s3://bucket/key" }), "SOURCE_NOT_ALLOWED"],
  ["a near address", () => ({ url: "https://127.0.0.1/x" }), "SOURCE_NOT_ALLOWED"],
  ["no URL", () => ({ url: "volume" }), "SOURCE_NOT_ALLOWED"],
  ["an upload that was never made", () => ({ contentId: randomUUID() }), "CONTENT_NOT_FOUND"],
])("%s leaves nothing behind, and the drive as before", async (_, asked, reason) => {
  await using rig = await open();
  await expect(rig.service.populate(from(asked(url)), call)).rejects.toMatchObject({ reason });
  expect((await rig.service.list({ instanceId: "", pageSize: 10, pageToken: "" }, call)).drives).toEqual([]);

  const before = await rig.service.populate(blob("old"), call);
  await expect(rig.service.populate(from(asked(url), { driveId: before.id }), call)).rejects.toMatchObject({ reason });
  expect(await rig.service.get(before.id, call)).toEqual(before);
  expect(await contentOf(rig)).toEqual([]);
});

test("content over the limit is refused, by what was said before any byte moves, else as it comes", async () => {
  const read = { count: 0 };
  const sources = {
    schemes: ["file"],
    check: () => undefined,
    async *read() {
      read.count += 1;
      yield bytes;
    },
  };
  await using rig = await open({ limits: { ...defaultLimits, contentBytes: 1000 }, sources });
  const tooLarge = { reason: "CONTENT_TOO_LARGE" };
  await expect(rig.service.populate(from({ url, sizeBytes: 1001 }), call)).rejects.toMatchObject(tooLarge);
  expect(read.count).toBe(0);
  await expect(rig.service.populate(from({ url }), call)).rejects.toMatchObject(tooLarge);
});

test("a drive that is attached is refused before any byte moves, and validate_only moves none", async () => {
  const sources = {
    schemes: ["file"],
    check: () => undefined,
    read: () => {
      throw new Error("read");
    },
  };
  const machines = new MachineModel();
  machines.start("i1");
  await using rig = await DriveServiceRig.open(machines, { change: { sources } });
  const { id } = await rig.service.populate(blob("old"), call);
  expect(await rig.service.populate(from({ url }, { validateOnly: true }), call)).toMatchObject({ id: "" });
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
  await expect(rig.service.populate(from({ url }, { driveId: id }), call)).rejects.toMatchObject({
    reason: "DRIVE_ATTACHED",
  });
});

test("content that no drive needs any more goes with the next sweep, and what one needs stays", async () => {
  const clock = { at: new Date() };
  await using rig = await open({ now: () => clock.at });
  const kept = await rig.service.populate(from({ url }), call);
  const other = join(folder, "other");
  await writeFile(other, "other");
  const gone = await rig.service.populate(from({ url: `file://${other}` }), call);
  await reconciled(rig);
  expect(await contentOf(rig)).toHaveLength(2);
  await rig.service.delete({ requestId: randomUUID(), driveId: gone.id }, call);
  clock.at = new Date(clock.at.getTime() + defaultLimits.orphanMs);
  expect(await reconciled(rig)).toMatchObject({ orphans: 1, refusals: [] });
  expect(await contentOf(rig)).toEqual([sha256]);
  expect((await rig.service.get(kept.id, call)).generations).toHaveLength(1);
});
