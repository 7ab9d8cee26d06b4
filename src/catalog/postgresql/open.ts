import { CompiledQuery, Kysely, PostgresDialect, sql } from "kysely";
import { Pool, types } from "pg";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "../database.js";
import { postgresqlDialect } from "../dialect.js";
import type { LeaseTerms } from "../lease.js";
import { openOnServer, type Server } from "../open-server.js";
import type { Owner } from "../owner.js";
import type { Schema } from "../schema.js";
import type { ServerAddress } from "../server-url.js";
import { postgresqlCollided, postgresqlRefusal } from "./failure.js";
import { postgresqlSettings } from "./settings.js";

/** Object identifier of the type bigint (pg_type): revisions and times in milliseconds, all below 2^53. */
const bigint = 20;

/**
 * A wait for another service's rows, a statement, and a silence within a transaction each end after this, in milliseconds. A service
 * that stands still in the midst of a transaction loses it before anybody who waits for its rows gives up.
 */
const lockMs = 10_000;
const statementMs = 25_000;
const silenceMs = 5_000;

/** Settings of each session. A role or database may have turned synchronous commits off; what is acknowledged here must last. */
const session = [
  `set lock_timeout = ${lockMs}`,
  `set statement_timeout = ${statementMs}`,
  `set idle_in_transaction_session_timeout = ${silenceMs}`,
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
];

/**
 * Opens a catalog on PostgreSQL, brings its tables to the newest schema and takes a lease.
 * Refusals: INVALID_ARGUMENT for a URL that cannot be kept; CATALOG_FAILED when the server cannot be reached or does not do.
 */
export async function openPostgresql(address: ServerAddress, owner: Owner, terms: LeaseTerms): Promise<Database> {
  const pool = new Pool({
    ...postgresqlSettings(address),
    max: 10,
    connectionTimeoutMillis: 10_000,
    query_timeout: statementMs + 2_000,
    keepAlive: true,
    types: { getTypeParser: (type, format) => (type === bigint ? Number : types.getTypeParser(type, format)) },
  });
  // A connection that breaks leaves the pool by itself, and whoever used it gets the error from its query. The driver also
  // emits it, for one that is idle at the pool and for one in use at the client; unheard, it would end the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        for (const statement of session) await connection.executeQuery(CompiledQuery.raw(statement));
      },
    }),
  });
  const server: Server = {
    db,
    dialect: postgresqlDialect,
    refusal: postgresqlRefusal,
    collided: postgresqlCollided,
    check: requireUtf8,
  };
  return await openOnServer(server, address, owner, terms);
}

async function requireUtf8(db: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ encoding: string }>`select current_setting('server_encoding') as encoding`.execute(db);
  const encoding = rows[0]?.encoding;
  if (encoding === "UTF8") return;
  throw new Refusal("CATALOG_FAILED", `the database's encoding is ${encoding}; it must be made with encoding UTF8`);
}
