import { CompiledQuery, Kysely, MysqlDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "../database.js";
import { mariadbDialect } from "../dialect.js";
import { Lease, type LeaseTerms } from "../lease.js";
import { migrate } from "../migrate.js";
import type { Owner } from "../owner.js";
import type { Schema } from "../schema.js";
import type { ServerAddress } from "../server-url.js";
import { mariadbCollided, mariadbRefusal } from "./failure.js";
import { mariadbSettings } from "./settings.js";

/**
 * Settings of each session. The mode refuses what does not fit where others cut it off, and keeps backslash escapes, on which
 * the driver's quoting relies; in UTC no hour comes twice, so the clock is the same on every server; no wait for another
 * service's rows, and no statement, outlasts the caller.
 */
const session = [
  "set session sql_mode = 'traditional'",
  "set session time_zone = '+00:00'",
  "set session innodb_lock_wait_timeout = 10",
  "set session max_statement_time = 25",
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
  try {
    await requireMariadb(db);
    await migrate(db, mariadbDialect);
    const lease = await Lease.take(db, mariadbDialect, owner, terms);
    return {
      db,
      dialect: mariadbDialect,
      lease,
      refusal: mariadbRefusal,
      collided: mariadbCollided,
      dispose: async () => {
        await lease.release().catch(() => undefined);
        await db.destroy();
      },
    };
  } catch (error) {
    await db.destroy();
    if (error instanceof Refusal) throw error;
    const { reason, message } = mariadbRefusal(error);
    throw new Refusal(reason, `${address}: ${message}`, { cause: error });
  }
}

/** MySQL speaks the same protocol, but not the same SQL. */
async function requireMariadb(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db);
  const version = rows[0]?.version ?? "";
  if (version.includes("MariaDB")) return;
  throw new Refusal("CATALOG_FAILED", `the server is ${version}, which is not MariaDB`);
}
