import type { Catalog } from "#drive/catalog.js";
import type { NewId } from "#drive/ids.js";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "./database.js";
import type { Owner } from "./owner.js";
import { parseServerUrl } from "./server-url.js";
import { SqlCatalog } from "./sql-catalog.js";
import { openSqlite } from "./sqlite/open.js";
import { sqliteFile } from "./sqlite/url.js";

/** After so many milliseconds of silence a service is taken for dead by the others on its database. */
export const leaseMs = 30_000;

/** How a catalog is opened. */
export interface Opened {
  readonly newId: NewId;
  /** `leaseMs`, if not given. */
  readonly leaseMs?: number;
}

/**
 * Opens the catalog that a connection URL names, with its tables brought to this version.
 * Refusals: INVALID_ARGUMENT for a URL that names no database that is served; CATALOG_LOCKED; CATALOG_FAILED; STORAGE_FULL.
 */
export async function openCatalog(connection: string, owner: Owner, how: Opened): Promise<Catalog> {
  return new SqlCatalog(await openDatabase(connection, owner, how));
}

/** Opens the database alone. Refusals: as `openCatalog`. */
export async function openDatabase(connection: string, owner: Owner, how: Opened): Promise<Database> {
  const { newId } = how;
  if (/^sqlite:/i.test(connection)) return await openSqlite(sqliteFile(connection), owner, newId);
  const address = parseServerUrl(connection);
  const terms = { newId, milliseconds: how.leaseMs ?? leaseMs };
  // A server's driver takes longer to load than SQLite to open, so each is loaded where it is needed.
  if (address?.kind === "postgresql") {
    const { openPostgresql } = await import("./postgresql/open.js");
    return await openPostgresql(address, owner, terms);
  }
  if (address?.kind === "mariadb") {
    const { openMariadb } = await import("./mariadb/open.js");
    return await openMariadb(address, owner, terms);
  }
  // The URL may carry a password, so only its scheme is told.
  const scheme = /^([a-z0-9+]+):/i.exec(connection)?.[1] ?? "this";
  const rule = "begins with sqlite:///, postgresql:// or mysql://";
  throw new Refusal(
    "INVALID_ARGUMENT",
    `[catalog] connection: ${scheme} is not a database that is served; it ${rule}`,
    {
      violations: [{ field: "connection", rule }],
    },
  );
}
