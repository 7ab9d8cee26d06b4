import type { Kysely, Transaction } from "kysely";
import type { ChangeKind, ChangeRange, DriveChange } from "#drive/change.js";
import type { Drive } from "#drive/drive.js";
import { insertRow } from "./insert-row.js";
import { prepared } from "./prepared.js";
import type { Schema } from "./schema.js";

/**
 * Notes a write to a drive, in the transaction that makes it. The numbers are counted in a row, not drawn from a sequence:
 * whoever changed the row last has to commit before the next one reads it, so the order of numbers is that of commits, and a
 * watcher that has seen a number has missed none before it. Gives the number.
 */
export async function noteChange(trx: Transaction<Schema>, drive: Drive, kind: ChangeKind): Promise<number> {
  const number = await nextNumber(trx);
  const row = {
    number,
    project_id: drive.projectId,
    drive_id: drive.id,
    kind,
    happened_at: drive.updatedAt.getTime(),
  };
  await insertRow(trx, "events", row);
  return number;
}

const counting = (db: Kysely<Schema>) =>
  db.updateTable("event_counter").set(({ eb }) => ({ newest: eb("newest", "+", 1) }));
const count = prepared(counting);
const countAndTell = prepared((db) => counting(db).returning("newest"));
const newestNumber = prepared((db) => db.selectFrom("event_counter").select("newest"));

async function nextNumber(trx: Transaction<Schema>): Promise<number> {
  const tells = trx.getExecutor().adapter.supportsReturning;
  if (!tells) await count(trx);
  const [row] = (await (tells ? countAndTell : newestNumber)(trx)).rows;
  if (row === undefined) throw new TypeError("the counter of changes has no row");
  return row.newest;
}

/**
 * Lets no other transaction that notes a change, or takes its turn, come between here and this one's commit: what it counts from
 * here on stays so. To be called last, as `noteChange` is, so that transactions take their rows in one order.
 */
export async function takeTurn(trx: Transaction<Schema>): Promise<void> {
  await trx
    .updateTable("event_counter")
    .set(({ ref }) => ({ newest: ref("newest") }))
    .execute();
}

/** The changes of a project's drives after a number, in order. */
export async function readChanges(
  trx: Transaction<Schema>,
  projectId: string,
  after: number,
  limit: number,
): Promise<readonly DriveChange[]> {
  const query = trx.selectFrom("events").selectAll().where("project_id", "=", projectId).where("number", ">", after);
  const rows = await query.orderBy("number").limit(limit).execute();
  return rows.map(({ number, drive_id, kind, happened_at }) => ({
    number,
    driveId: drive_id,
    kind,
    at: new Date(happened_at),
  }));
}

/** The oldest and the newest number that is kept; 0 where there was never a change. */
export async function changeRange(trx: Transaction<Schema>): Promise<ChangeRange> {
  // One by one: SQLite finds either end in the index, but reads the whole table for both at once. They count from 1.
  const numbers = trx.selectFrom("events").select("number").where("number", ">", 0).limit(1);
  const oldest = await numbers.orderBy("number", "asc").executeTakeFirst();
  const newest = await numbers.orderBy("number", "desc").executeTakeFirst();
  return { oldest: oldest?.number ?? 0, newest: newest?.number ?? 0 };
}

/**
 * Forgets the changes before the first that was made at a time or later, but never the newest: its number is where the next one goes
 * on. What is kept has no gap, though a clock that was set back gave later numbers earlier times. Gives how many.
 */
export async function forgetChanges(trx: Transaction<Schema>, before: Date): Promise<number> {
  // In the order of the numbers, so that it reads what goes and one more.
  const young = trx.selectFrom("events").select("number").where("number", ">", 0);
  const first = young.where("happened_at", ">=", before.getTime()).orderBy("number").limit(1);
  const kept = (await first.executeTakeFirst())?.number ?? (await changeRange(trx)).newest;
  const { numDeletedRows } = await trx.deleteFrom("events").where("number", "<", kept).executeTakeFirst();
  return Number(numDeletedRows);
}
