import type { Kysely } from "kysely";
import type { Refusal } from "#drive/refusal.js";
import type { Dialect } from "./dialect.js";
import type { Lease } from "./lease.js";
import type { Schema } from "./schema.js";

/** A database that holds the newest schema, and this service's place among those that use it. */
export interface Database {
  /** As `Catalog.identity`. */
  readonly identity: string;
  readonly db: Kysely<Schema>;
  readonly dialect: Dialect;
  readonly lease: Lease;
  /** What a failure of this database means: CATALOG_FAILED, STORAGE_FULL; DRIVE_BUSY where another writer was first. */
  readonly refusal: (error: unknown) => Refusal;
  /** Whether the database undid a transaction only because it met another one, so that it can be done again at once. */
  readonly collided: (error: unknown) => boolean;
  /** Copies the database into a file; unset where a server's own program does that. Fails as the database does. */
  readonly backUp?: (file: string) => Promise<void>;
  /** Gives up the lease and closes the database. */
  readonly dispose: () => Promise<void>;
}
