import type { NewId } from "#drive/ids.js";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "./database.js";
import { migrate } from "./migrate.js";
import { migrationsFor } from "./migrations/index.js";
import { openDatabase } from "./open.js";
import type { Owner } from "./owner.js";

/**
 * Brings a catalog's tables back to the schema of an older version, whose newest migration is named, so that it can be started on
 * them again. What newer tables and columns hold is lost.
 * Refusals: CATALOG_LOCKED while a service uses the catalog; INVALID_ARGUMENT for a migration that there is none of; and as `openCatalog`.
 * @returns the migrations that were undone, newest first
 */
export async function goBack(connection: string, owner: Owner, newId: NewId, to: string): Promise<readonly string[]> {
  const database = await openDatabase(connection, owner, { newId });
  try {
    const { db, dialect } = database;
    const known = migrationsFor(dialect);
    if (!(to in known)) {
      const rule = `is none of ${Object.keys(known).join(", ")}`;
      throw new Refusal("INVALID_ARGUMENT", `${to} ${rule}`, { violations: [{ field: "migration", rule }] });
    }
    await requireNobodyElse(database);
    return await migrate(db, known, to);
  } finally {
    await database.dispose();
  }
}

/** A service that lives would meet tables that it does not know. */
async function requireNobodyElse({ db, dialect, lease }: Database): Promise<void> {
  const living = await db
    .selectFrom("services")
    .select(["host", "pid"])
    .where("id", "!=", lease.id)
    .where("expires_at", ">", dialect.now)
    .execute();
  const [first] = living;
  if (first === undefined) return;
  const who = `the service on ${first.host} (process ${first.pid})`;
  throw new Refusal("CATALOG_LOCKED", `${who} uses the catalog: stop every service first`);
}
