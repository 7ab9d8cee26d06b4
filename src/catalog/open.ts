import type { Catalog } from "#drive/catalog.js";
import { Refusal } from "#drive/refusal.js";
import { SqlCatalog } from "./sql-catalog.js";
import { openSqlite } from "./sqlite/open.js";
import type { Owner } from "./sqlite/owner.js";
import { sqliteFile } from "./sqlite/url.js";

/**
 * Opens the catalog that a connection URL names, with its tables brought to this version.
 * Refusals: INVALID_ARGUMENT for a URL of another kind; CATALOG_LOCKED; CATALOG_FAILED; STORAGE_FULL.
 */
export async function openCatalog(connection: string, owner: Owner): Promise<Catalog> {
  const scheme = /^([a-z0-9+]+):/i.exec(connection)?.[1] ?? "";
  if (scheme === "sqlite") return new SqlCatalog(await openSqlite(sqliteFile(connection), owner));
  // The URL may carry a password, so only its scheme is told.
  throw new Refusal(
    "INVALID_ARGUMENT",
    `[catalog] connection: ${scheme || "this"} is not a database that is served; sqlite is`,
    {
      violations: [{ field: "connection", rule: "begins with sqlite:///" }],
    },
  );
}
