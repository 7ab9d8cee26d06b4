import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import type { NewId } from "#drive/ids.js";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "../database.js";
import { sqliteDialect } from "../dialect.js";
import { catalogIdentity } from "../identity.js";
import { Lease } from "../lease.js";
import { migrate } from "../migrate.js";
import { migrationsFor } from "../migrations/index.js";
import type { Owner } from "../owner.js";
import type { Schema } from "../schema.js";
import { whyOf } from "../why.js";
import { backUpSqlite } from "./backup.js";
import { nodeSqliteDialect } from "./dialect.js";
import { describeOwner, removeOwner, writeOwner } from "./owner.js";

/** SQLite's primary result codes that have a meaning of their own here (sqlite.org/rescode.html). */
const busy = 5;
const locked = 6;
const full = 13;

/**
 * Opens the embedded catalog, makes it where it is missing, and brings its tables to the newest schema. It is this process's
 * alone until it is disposed of. Every commit is on the disk when it returns (WAL, synchronous=FULL).
 * Refusals: CATALOG_LOCKED names who has it; CATALOG_FAILED; STORAGE_FULL.
 */
export async function openSqlite(file: string, owner: Owner, newId: NewId): Promise<Database> {
  const database = take(file);
  try {
    writeOwner(file, owner);
    const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(database) });
    await migrate(db, migrationsFor(sqliteDialect));
    const identity = await catalogIdentity(db);
    // The file's lock says who lives: whoever stands in the tables beside us is dead.
    const lease = await Lease.take(db, sqliteDialect, owner, { newId, milliseconds: undefined });
    return {
      identity,
      db,
      dialect: sqliteDialect,
      lease,
      refusal,
      collided: () => false,
      backUp: (copy) => backUpSqlite(database, copy),
      dispose: async () => {
        await lease.release().catch(() => undefined);
        removeOwner(file);
        await db.destroy();
      },
    };
  } catch (error) {
    removeOwner(file);
    database.close();
    throw error instanceof Refusal ? error : refusal(error);
  }
}

/** Opens the file and takes SQLite's exclusive lock on it, which lasts as long as the connection (pragma locking_mode). */
function take(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite gives its journal the mode of the file, and makes a file that others may read.
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
    database.exec("pragma locking_mode = exclusive");
    database.exec("pragma journal_mode = wal");
    database.exec("pragma synchronous = full");
    database.exec("begin immediate; commit");
    return database;
  } catch (error) {
    database?.close();
    const code = primaryCode(error);
    if (code !== busy && code !== locked) throw refusal(error);
    throw new Refusal("CATALOG_LOCKED", `the catalog ${file} is in use by ${describeOwner(file)}`, { cause: error });
  }
}

function refusal(error: unknown): Refusal {
  const why = whyOf(error);
  if (primaryCode(error) === full)
    return new Refusal("STORAGE_FULL", `the catalog's disk is full: ${why}`, { cause: error });
  return new Refusal("CATALOG_FAILED", `the catalog refused: ${why}`, { cause: error });
}

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
