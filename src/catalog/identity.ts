import type { Kysely } from "kysely";
import { MADE } from "./migration-ledger.js";
import type { Schema } from "./schema.js";

/**
 * What tells a catalog from every other one: the moment when its first table was made, as the migrator has written it down. Backups
 * keep it, and so do the tables of every version.
 */
export async function catalogIdentity(db: Kysely<Schema>): Promise<string> {
  const migrations = db.withTables<{ [MADE]: { name: string; timestamp: string } }>();
  const first = migrations.selectFrom(MADE).select("timestamp").orderBy("name").limit(1);
  return (await first.executeTakeFirstOrThrow()).timestamp;
}
