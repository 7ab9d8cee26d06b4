import type { Kysely, Transaction } from "kysely";
import { Refusal } from "#drive/refusal.js";
import type { Database } from "./database.js";
import type { Schema } from "./schema.js";

/** How often a transaction is begun again that met another one. */
const tries = 5;

/** Longest time that a database may take for one transaction, in milliseconds; then its end is not known. */
const answerMs = 30_000;

type Work<T> = (trx: Transaction<Schema>) => Promise<T>;

/**
 * Reads with one statement, which every database carries out as of one moment: a transaction around it would cost more than the
 * statement. Refusals: CATALOG_FAILED.
 */
export async function readOnce<T>(database: Database, query: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  return await answered(database, () => query(database.db));
}

/** Reads in one transaction: everything as it was at one moment. Refusals: CATALOG_FAILED. */
export async function read<T>(database: Database, work: Work<T>): Promise<T> {
  return await answered(database, () =>
    database.db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only").execute(work),
  );
}

/**
 * Writes in one transaction, durable when it returns. READ COMMITTED is enough, and the same in every database: each write
 * says itself what it expects to find.
 * Refusals: CATALOG_FAILED, STORAGE_FULL; DRIVE_BUSY where another writer was first; those of the work.
 */
export async function write<T>(database: Database, work: Work<T>): Promise<T> {
  return await answered(database, () => database.db.transaction().setIsolationLevel("read committed").execute(work));
}

async function answered<T>(database: Database, transaction: () => Promise<T>): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await inTime(transaction());
    } catch (error) {
      if (error instanceof Refusal) throw error;
      if (left === 1 || !database.collided(error)) throw database.refusal(error);
    }
  }
}

async function inTime<T>(transaction: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), answerMs);
  });
  try {
    return await Promise.race([transaction, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): Refusal {
  return new Refusal("CATALOG_FAILED", `the catalog's database did not answer within ${answerMs} ms`);
}
