import { CompiledQuery, Kysely, MysqlDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "../database.js";
import { mariadbDialect } from "../dialect.js";
import type { LeaseTerms } from "../lease.js";
import { openOnServer, type Server } from "../open-server.js";
import type { Owner } from "../owner.js";
import type { Schema } from "../schema.js";
import type { ServerAddress } from "../server-url.js";
import { mariadbCollided, mariadbRefusal } from "./failure.js";
import { mariadbSettings } from "./settings.js";

/**
 * Settings of each session. The mode refuses what does not fit where others cut it off, and keeps backslash escapes, on which
 * the driver's quoting relies; in UTC no hour comes twice, so the clock is the same on every server; no wait for another
 * service's rows, and no statement, outlasts the caller; a service that stands still in the midst of a transaction loses it before
 * anybody who waits for its rows gives up.
 */
const session = [
  "set session sql_mode = 'traditional'",
  "set session time_zone = '+00:00'",
  "set session innodb_lock_wait_timeout = 10",
  "set session max_statement_time = 25",
  "set session idle_transaction_timeout = 5",
];

/**
 * Opens a catalog on MariaDB, brings its tables to the newest schema and takes a lease.
 * Refusals: INVALID_ARGUMENT for a URL that cannot be kept; CATALOG_FAILED when the server cannot be reached or does not do.
 */
export async function openMariadb(address: ServerAddress, owner: Owner, terms: LeaseTerms): Promise<Database> {
  const pool = createPool({
    ...mariadbSettings(address),
    connectionLimit: 10,
    connectTimeout: 10_000,
    enableKeepAlive: true,
  });
  const db = new Kysely<Schema>({
    dialect: new MysqlDialect({
      pool,
      onCreateConnection: async (connection) => {
        for (const statement of session) await connection.executeQuery(CompiledQuery.raw(statement));
      },
    }),
  });
  const server: Server = {
    db,
    dialect: mariadbDialect,
    refusal: mariadbRefusal,
    collided: mariadbCollided,
    check: requireMariadb,
  };
  return await openOnServer(server, address, owner, terms);
}

/** MySQL speaks the same protocol, but not the same SQL. */
async function requireMariadb(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const version = rows[0]?.version ?? "";
  if (version.includes("MariaDB")) return;
  throw new Refusal("CATALOG_FAILED", `the server is ${version}, which is not MariaDB`);
}
