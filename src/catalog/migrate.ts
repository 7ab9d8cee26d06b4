import type { Kysely } from "kysely";
import { Migrator, type NoMigrations } from "kysely/migration";
import { Refusal } from "#drive/refusal.js";
import { MADE, MigrationLedger } from "./migration-ledger.js";
import type { CatalogMigrations } from "./migrations/migration.js";
import type { Schema } from "./schema.js";
import { whyOf } from "./why.js";

/** What stands for an additive migration of a newer version, which has made it: nothing to do. */
const ofNewerVersion = { up: async () => undefined, down: async () => undefined };

/**
 * Brings the tables to a schema: the newest that is known, or the one named, forward or back. Gives the names of the migrations that were
 * made. Tables of a newer version are left as they are, where all that it has made beyond ours is additive.
 * Refusals: CATALOG_FAILED, also for a catalog that a newer version has written in a way that this one cannot go on with, and for going
 * back from tables of a newer version.
 */
export async function migrate(
  db: Kysely<Schema>,
  known: CatalogMigrations,
  to?: string | NoMigrations,
): Promise<readonly string[]> {
  try {
    const ledger = new MigrationLedger(db, known);
    await ledger.agree();
    const unknown = await ledger.unknown();
    if (to === undefined) refuseUnknown(unknown.required, known);
    else refuseUnknown([...unknown.required, ...unknown.additive], known);
    const passedOver = unknown.additive.map((name) => [name, ofNewerVersion] as const);
    const migrations = { ...ledger.recording(), ...Object.fromEntries(passedOver) };
    const provider = { getMigrations: async () => migrations };
    const migrator = new Migrator({ db, provider, migrationTableName: MADE });
    const { error, results = [] } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
    if (error !== undefined) throw error;
    return results.map(({ migrationName }) => migrationName);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const why = whyOf(error);
    throw new Refusal("CATALOG_FAILED", `the catalog's tables cannot be brought to this version: ${why}`, {
      cause: error,
    });
  }
}

function refuseUnknown([first]: readonly string[], known: CatalogMigrations): void {
  if (first === undefined) return;
  const newest = Object.keys(known).at(-1);
  const told = `a newer version has made ${first} in the catalog's tables, and this one knows them up to ${newest}`;
  const help = `start the newer version, or bring them back with its \`configdrive catalog go-back ${newest}\``;
  throw new Refusal("CATALOG_FAILED", `${told}: ${help}`);
}
