import type { Kysely } from "kysely";
import { Migrator } from "kysely/migration";
import { Refusal } from "#drive/refusal.js";
import { migrations } from "./migrations/index.js";
import type { Schema } from "./schema.js";

/**
 * Brings the tables to a schema: the newest, or the one named. Gives the names of the migrations that were made.
 * Refusals: CATALOG_FAILED, also for a catalog that a newer version of the service has written.
 */
export async function migrate(db: Kysely<Schema>, to?: string): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error, results = [] } = await (to === undefined ? migrator.migrateToLatest() : migrator.migrateTo(to));
  if (error !== undefined) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal("CATALOG_FAILED", `the catalog's tables cannot be brought to this version: ${why}`, {
      cause: error,
    });
  }
  return results.map(({ migrationName }) => migrationName);
}
