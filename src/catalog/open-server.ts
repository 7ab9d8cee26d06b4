import type { Kysely } from "kysely";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "./database.js";
import { catalogIdentity } from "./identity.js";
import { Lease, type LeaseTerms } from "./lease.js";
import { migrate } from "./migrate.js";
import { migrationsFor } from "./migrations/index.js";
import type { Owner } from "./owner.js";
import type { Schema } from "./schema.js";
import type { ServerAddress } from "./server-url.js";

/** A database server behind its driver, and what is its own. */
export interface Server extends Pick<Database, "dialect" | "refusal" | "collided"> {
  readonly db: Kysely<Schema>;
  /** Throws CATALOG_FAILED for a server that does not do. */
  readonly check: (db: Kysely<Schema>) => Promise<void>;
}

/**
 * Opens a catalog on a server: brings its tables to the newest schema and takes a lease. The connections are closed when that fails.
 * Refusals: CATALOG_FAILED and what else the server's failures mean, with its address.
 */
export async function openOnServer(
  { check, ...server }: Server,
  address: ServerAddress,
  owner: Owner,
  terms: LeaseTerms,
): Promise<Database> {
  const { db, dialect } = server;
  try {
    await check(db);
    await migrate(db, migrationsFor(dialect));
    const identity = await catalogIdentity(db);
    const lease = await Lease.take(db, dialect, owner, terms);
    return {
      ...server,
      identity,
      lease,
      dispose: async () => {
        await lease.release().catch(() => undefined);
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    if (error instanceof Refusal) throw error;
    const { reason, message } = server.refusal(error);
    throw new Refusal(reason, `${address}: ${message}`, { cause: error });
  }
}
