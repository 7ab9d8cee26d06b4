import type { Kysely } from "kysely";
import { Migrator, type NoMigrations } from "kysely/migration";
import { Refusal } from "#drive/refusal.js";
import type { Dialect } from "./dialect.js";
import { migrationsFor } from "./migrations/index.js";
import type { Schema } from "./schema.js";
import { whyOf } from "./why.js";

/**
 * Brings the tables to a schema: the newest, or the one named, forward or back. Gives the names of the migrations that were made.
 * Refusals: CATALOG_FAILED, also for a catalog that a newer version of the service has written.
 */
export async function migrate(
  db: Kysely<Schema>,
  dialect: Dialect,
  to?: string | NoMigrations,
): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrationsFor(dialect) } });
  const { error, results = [] } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error !== undefined) {
    const why = whyOf(error);
    throw new Refusal("CATALOG_FAILED", `the catalog's tables cannot be brought to this version: ${why}`, {
      cause: error,
    });
  }
  return results.map(({ migrationName }) => migrationName);
}
