import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "#bus/json.js";
import type { ImagePlan } from "#image/plan.js";
import { fromBytes } from "#image/tree.js";
import { AgentsModel } from "#integration/rigs/agents.js";
import { RemoteHosts } from "./client/remote-hosts.js";
import { stepsOf } from "./client/steps.js";

const MiB = 1 << 20;
const wait = { signal: AbortSignal.timeout(30_000) };

/** An image with data at places, zero elsewhere. */
function sparse(size: number, ...extents: readonly (readonly [offset: number, bytes: Buffer])[]) {
  const plan: ImagePlan = {
    format: "raw",
    size,
    label: undefined,
    extents: extents.map(([offset, bytes]) => ({ offset, data: fromBytes(bytes) })),
  };
  const bytes = Buffer.alloc(size);
  for (const [offset, part] of extents) part.copy(bytes, offset);
  return { plan, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function noise(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => ((index * 2654435761) >>> 13) & 0xff));
}

const cases = {
  "nothing at all": sparse(0),
  "zeros only": sparse(3 * MiB),
  "one byte": sparse(1, [0, Buffer.from([7])]),
  "small data far apart": sparse(8 * MiB, [0, noise(512)], [5 * MiB + 3, noise(70_000)], [8 * MiB - 1, noise(1)]),
  "more than fits one message": sparse(4 * MiB, [100, noise(2 * MiB + 17)], [3 * MiB, noise(MiB)]),
};

test.each(Object.entries(cases))(
  "%s arrives byte for byte, and no message holds more than 1 MiB of it",
  async (_, image) => {
    await using there = await AgentsModel.open("a");
    const driveId = randomUUID();
    const { images } = there.hosts.at("a", { driveId, revision: 1 });
    for await (const { extents } of stepsOf(image.plan, wait.signal)) {
      expect(extents.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(MiB);
    }
    const { sha256, plan } = image;
    expect(await images.place(driveId, 1, plan, wait, sha256)).toEqual({ sizeBytes: plan.size, sha256 });
    const path = await images.locate(driveId, 1, plan.size);
    expect(path).toBe(join(there.of("a").directory, driveId, "1.img"));
    expect((await readFile(path ?? "")).equals(image.bytes)).toBe(true);
    expect(await images.locate(driveId, 1, plan.size + 1)).toBeUndefined();
    expect(await images.list()).toEqual([{ driveId, generation: 1, name: "1.img" }]);
    await images.remove(driveId, 1);
    expect(await images.locate(driveId, 1, plan.size)).toBeUndefined();
    await images.removeDrive(driveId);
    expect(await images.list()).toEqual([]);
  },
);

test("bytes that are not those meant are not put in place", async () => {
  await using there = await AgentsModel.open("a");
  const driveId = randomUUID();
  const { images } = there.hosts.at("a", { driveId, revision: 1 });
  const { plan } = sparse(4096, [0, noise(4096)]);
  const meant = createHash("sha256").update("other").digest("hex");
  await expect(images.place(driveId, 1, plan, wait, meant)).rejects.toMatchObject({
    reason: "STORAGE_FAILED",
    message: expect.stringContaining(meant),
  });
  const left = await readdir(there.of("a").directory, { recursive: true });
  expect(left.filter((path) => path.includes(`${driveId}/`))).toEqual([]);
});

test("an agent that is started anew in the middle of an image gets it from the beginning", async () => {
  await using there = await AgentsModel.open("a");
  const driveId = randomUUID();
  const { images } = there.hosts.at("a", { driveId, revision: 1 });
  const { plan, bytes, sha256 } = sparse(4 * MiB, [0, noise(4 * MiB)]);
  let steps = 0;
  there.before = async () => {
    steps += 1;
    if (steps !== 3) return;
    await there.of("a").kill();
    await there.of("a").start();
  };
  await images.place(driveId, 1, plan, wait, sha256);
  expect((await readFile((await images.locate(driveId, 1, plan.size)) ?? "")).equals(bytes)).toBe(true);
  expect(await readdir(join(there.of("a").directory, driveId))).toEqual(["1.img"]);
});

test("what a killed agent was writing is gone when it begins again", async () => {
  await using there = await AgentsModel.open("a");
  const driveId = randomUUID();
  const { plan } = sparse(512);
  await there.hosts.at("a", { driveId, revision: 1 }).images.place(driveId, 1, plan, wait);
  const folder = join(there.of("a").directory, driveId);
  await writeFile(join(folder, ".2.img.0123456789abc.partial"), "half");
  await there.of("a").start();
  expect(await readdir(folder)).toEqual(["1.img"]);
});

test("an image on its way ends when a newer command about its drive comes, and leaves nothing", async () => {
  await using there = await AgentsModel.open("a");
  const driveId = randomUUID();
  const { plan } = sparse(4 * MiB, [0, noise(4 * MiB)]);
  let steps = 0;
  there.after = async (method) => {
    if (method !== "place_image" || ++steps !== 2) return;
    await there.hosts.at("a", { driveId, revision: 2 }).images.removeDrive(driveId);
  };
  const placed = there.hosts.at("a", { driveId, revision: 1 }).images.place(driveId, 1, plan, wait);
  await expect(placed).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  there.after = async () => undefined;
  const { images } = there.hosts.at("a", { driveId, revision: 2 });
  expect(await images.locate(driveId, 1, plan.size)).toBeUndefined();
});

test("an agent lists its images for the catalog that they belong to, and for no other", async () => {
  await using there = await AgentsModel.open("a");
  const driveId = randomUUID();
  const fence = { driveId, revision: 1 };
  const { plan } = sparse(1024, [0, noise(512)]);
  const { images } = there.hosts.at("a", fence);
  await images.place(driveId, 1, plan, wait);
  expect(await images.list()).toHaveLength(1);
  const mistaken = new RemoteHosts(there.line, there.agents, "another catalog", randomUUID);
  await expect(mistaken.at("a", fence).images.list()).rejects.toMatchObject({
    reason: "STORAGE_FAILED",
    message: expect.stringContaining("another catalog"),
  });
  await there.of("a").start();
  await expect(mistaken.at("a", fence).images.list()).rejects.toMatchObject({ reason: "STORAGE_FAILED" });
  expect(await images.list()).toHaveLength(1);
});

test("an agent of before is asked only what it knows", async () => {
  await using there = await AgentsModel.open("a");
  await there.of("a").start({ protocolVersion: "1.0" });
  const asked: JsonObject[] = [];
  there.before = async (method, _, args) => void (method === "list_images" && asked.push(args));
  expect(await there.hosts.at("a", { driveId: randomUUID(), revision: 1 }).images.list()).toEqual([]);
  await there.of("a").start();
  await there.hosts.at("a", { driveId: randomUUID(), revision: 1 }).images.list();
  expect(asked).toEqual([{ after_drive_id: "" }, { after_drive_id: "", catalog: "a catalog" }]);
});
