import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { sqliteDialect } from "./dialect.js";
import { goBack } from "./go-back.js";
import { migrationsFor } from "./migrations/index.js";
import { openCatalog } from "./open.js";

const owner = { pid: 1, host: "here", since: "2026-11-23T00:00:00Z" };
const how = { newId: randomUUID };
let directory: string;
let url: string;
beforeEach(async () => {
  directory = await privateDirectory("go-back");
  url = `sqlite:///${join(directory, "catalog.sqlite")}`;
});
afterEach(() => rm(directory, { recursive: true }));

const names = Object.keys(migrationsFor(sqliteDialect));
const [newest = "", before = ""] = names.toReversed();

test("the newest migration is undone, and done again at the next start", async () => {
  await (await openCatalog(url, owner, how)).dispose();
  expect(await goBack(url, owner, randomUUID, before)).toEqual([newest]);
  const catalog = await openCatalog(url, owner, how);
  await catalog.dispose();
  expect(await goBack(url, owner, randomUUID, newest)).toEqual([]);
});

test("a migration that there is none of is refused with those that there are", async () => {
  await expect(goBack(url, owner, randomUUID, "0099-none")).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    message: expect.stringContaining(newest),
  });
});

test("nobody goes back below a service that runs", async () => {
  const catalog = await openCatalog(url, owner, how);
  try {
    await expect(goBack(url, owner, randomUUID, before)).rejects.toMatchObject({ reason: "CATALOG_LOCKED" });
  } finally {
    await catalog.dispose();
  }
});
