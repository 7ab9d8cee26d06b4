import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { sqliteDialect } from "./dialect.js";
import { migrate } from "./migrate.js";
import { MADE, REQUIRED } from "./migration-ledger.js";
import { migrationsFor } from "./migrations/index.js";
import type { CatalogMigration } from "./migrations/migration.js";
import type { Schema } from "./schema.js";
import { openSqlite } from "./sqlite/open.js";

const known = migrationsFor(sqliteDialect);
const names = Object.keys(known);
/** What the version before `0008-lost-hosts` knows. */
const beforeLedger = names.slice(0, 7);

let directory = "";
let db: Kysely<Schema>;
let dispose: () => Promise<void>;
beforeEach(async () => {
  directory = await privateDirectory("migrate");
  ({ db, dispose } = await openSqlite(join(directory, "catalog.sqlite"), owner, randomUUID));
});
afterEach(async () => {
  await dispose();
  await rm(directory, { recursive: true });
});
const owner = { pid: 1, host: "here", since: "2026-11-23T00:00:00Z" };

/** A version that knows kysely's table alone: what it makes or undoes at its start. */
async function older(knows: readonly string[], to: string): Promise<readonly string[]> {
  const migrations: Record<string, Migration> = Object.fromEntries(knows.map((name) => [name, known[name]!]));
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateTo(to);
  if (error !== undefined) throw error;
  return results.map(({ migrationName }) => migrationName);
}

const listed = async (table: string) => {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
};

/** A migration that changes nothing, with or without the promise that older versions can go on. */
const later = (additive?: true): CatalogMigration => ({
  ...(additive === undefined ? {} : { additive }),
  up: async () => undefined,
  down: async () => undefined,
});

test("a version that knows kysely's table alone is not told of what was only added", async () => {
  expect(await listed(MADE)).toEqual(names);
  expect(await listed(REQUIRED)).toEqual(beforeLedger);
  expect(await older(beforeLedger, "0007-leftovers")).toEqual([]);
});

test("and is told of all, once something was changed that it needs", async () => {
  const next = { ...known, "0098-added": later(true), "0099-changed": later() };
  expect(await migrate(db, next)).toEqual(["0098-added", "0099-changed"]);
  expect(await listed(REQUIRED)).toEqual(Object.keys(next));
  await expect(older(beforeLedger, "0007-leftovers")).rejects.toThrow("0008-lost-hosts is missing");
  await expect(migrate(db, known)).rejects.toMatchObject({
    reason: "CATALOG_FAILED",
    message: expect.stringContaining(`configdrive catalog go-back ${names.at(-1)}`),
  });
  expect(await migrate(db, next, "0098-added")).toEqual(["0099-changed"]);
  expect(await listed(REQUIRED)).toEqual(beforeLedger);
  expect(await older(beforeLedger, "0007-leftovers")).toEqual([]);
  expect(await migrate(db, known)).toEqual([]);
});

test("what a later version has added is left alone, and nobody but that version goes back from it", async () => {
  const next = { ...known, "0098-added": later(true) };
  await migrate(db, next);
  expect(await migrate(db, known)).toEqual([]);
  await expect(migrate(db, known, "0007-leftovers")).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  expect(await listed(MADE)).toEqual(Object.keys(next));
});

test("the tables of an older version are taken over with the migrations that it had made", async () => {
  await migrate(db, known, "0006-project-drives");
  await db.schema.dropTable(MADE).execute();
  expect(await migrate(db, known)).toEqual(names.slice(6));
  expect(await older(beforeLedger, "0007-leftovers")).toEqual([]);
});

test("what an older version has undone is made anew, with what was added above it", async () => {
  expect(await older(beforeLedger, "0006-project-drives")).toEqual(["0007-leftovers"]);
  expect(await migrate(db, known)).toEqual(names.slice(6));
  expect(await listed(REQUIRED)).toEqual(beforeLedger);
});

test("a migration that was cut off before it was listed is made again", async () => {
  await sql`delete from ${sql.table(MADE)} where name >= '0007'`.execute(db);
  expect(await migrate(db, known)).toEqual(names.slice(6));
  expect(await listed(REQUIRED)).toEqual(beforeLedger);
});
