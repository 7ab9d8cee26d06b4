import { randomUUID } from "node:crypto";
import { appendFile, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { GONE_REVISION } from "#drive/hosts.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { Fences } from "./fences.js";

const driveId = randomUUID();
const busy = expect.objectContaining({ reason: "DRIVE_BUSY" });
let directory = "";
const path = () => join(directory, "fences");
beforeEach(async () => {
  directory = await privateDirectory("fences");
});
afterEach(() => rm(directory, { recursive: true }));

test("a newer revision overtakes what is older; the same one again does not", async () => {
  await using fences = await Fences.open(path(), () => new Date());
  const first = fences.admit({ driveId, revision: 5 });
  expect(fences.admit({ driveId, revision: 5 })).toBe(first);
  expect(first.aborted).toBe(false);
  const second = fences.admit({ driveId, revision: 6 });
  expect(first.reason).toEqual(busy);
  expect(second.aborted).toBe(false);
  expect(() => fences.admit({ driveId, revision: 5 })).toThrow(busy);
  expect(fences.admit({ driveId: randomUUID(), revision: 1 }).aborted).toBe(false);
});

test("what is done about a drive that is gone overtakes all, and keeps out no drive that comes again under its id", async () => {
  const before = await Fences.open(path(), () => new Date());
  const first = before.admit({ driveId, revision: 5 });
  const gone = { driveId, revision: GONE_REVISION };
  before.admit(gone);
  await before.keep(gone);
  expect(first.reason).toEqual(busy);
  before.admit({ driveId, revision: 6 });
  await before[Symbol.asyncDispose]();
  // As an earlier version of the agent wrote it down.
  await appendFile(path(), `${driveId} ${GONE_REVISION} ${Date.now()}\n`);
  await using fences = await Fences.open(path(), () => new Date());
  expect(fences.admit({ driveId, revision: 6 }).aborted).toBe(false);
});

test("an agent that starts again refuses what was out of date before; a line that was cut short is none", async () => {
  const before = await Fences.open(path(), () => new Date());
  before.admit({ driveId, revision: 7 });
  await before.keep({ driveId, revision: 7 });
  await before[Symbol.asyncDispose]();
  const other = randomUUID();
  await appendFile(path(), `${other} 9`);
  await using fences = await Fences.open(path(), () => new Date());
  expect(() => fences.admit({ driveId, revision: 6 })).toThrow(busy);
  fences.admit({ driveId, revision: 7 });
  fences.admit({ driveId: other, revision: 1 });
  expect(await readdir(directory)).toEqual(["fences"]);
});

test("a long journal is written anew, with what counts of the last day", async () => {
  let now = new Date(0);
  const fences = await Fences.open(path(), () => now, 10);
  const [old, recent] = [randomUUID(), randomUUID()];
  fences.admit({ driveId: old, revision: 3 });
  await fences.keep({ driveId: old, revision: 3 });
  now = new Date(25 * 60 * 60 * 1000);
  for (let revision = 1; revision <= 100; revision += 1) {
    fences.admit({ driveId: recent, revision });
    await fences.keep({ driveId: recent, revision });
  }
  await fences[Symbol.asyncDispose]();
  expect((await readFile(path(), "utf8")).trimEnd().split("\n").length).toBeLessThanOrEqual(11);
  await using again = await Fences.open(path(), () => now);
  expect(await readFile(path(), "utf8")).toBe(`${recent} 100 ${now.getTime()}\n`);
  again.admit({ driveId: old, revision: 1 });
  expect(() => again.admit({ driveId: recent, revision: 99 })).toThrow(busy);
});
