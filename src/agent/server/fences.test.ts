import { randomUUID } from "node:crypto";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { Fences } from "./fences.js";

const driveId = randomUUID();
const busy = expect.objectContaining({ reason: "DRIVE_BUSY" });
let directory = "";
beforeEach(async () => {
  directory = await privateDirectory("fences");
});
afterEach(() => rm(directory, { recursive: true }));

test("a newer revision overtakes what is older; the same one again does not", async () => {
  const fences = await Fences.open(directory, () => new Date());
  const first = fences.admit({ driveId, revision: 5 });
  expect(fences.admit({ driveId, revision: 5 })).toBe(first);
  expect(first.aborted).toBe(false);
  const second = fences.admit({ driveId, revision: 6 });
  expect(first.reason).toEqual(busy);
  expect(second.aborted).toBe(false);
  expect(() => fences.admit({ driveId, revision: 5 })).toThrow(busy);
  expect(fences.admit({ driveId: randomUUID(), revision: 1 }).aborted).toBe(false);
});

test("an agent that starts again refuses what was out of date before", async () => {
  const before = await Fences.open(directory, () => new Date());
  before.admit({ driveId, revision: 7 });
  await before.keep(driveId);
  await writeFile(join(directory, `.${randomUUID()}`), "9");
  const fences = await Fences.open(directory, () => new Date());
  expect(() => fences.admit({ driveId, revision: 6 })).toThrow(busy);
  fences.admit({ driveId, revision: 7 });
  expect(await readdir(directory)).toEqual([driveId]);
});

test("a drive that nobody commanded for in a day is forgotten", async () => {
  const before = await Fences.open(directory, () => new Date());
  before.admit({ driveId, revision: 7 });
  await before.keep(driveId);
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(directory, driveId), yesterday, yesterday);
  const fences = await Fences.open(directory, () => new Date());
  fences.admit({ driveId, revision: 1 });
  expect(await readdir(directory)).toEqual([]);
});
