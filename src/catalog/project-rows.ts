import type { Kysely, Transaction } from "kysely";
import { requireRoom } from "#drive/quota.js";
import type { Schema } from "./schema.js";

/** How many drives a project has. */
export async function driveCount(db: Kysely<Schema>, projectId: string): Promise<number> {
  const row = await db
    .selectFrom("project_drives")
    .select("drives")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return row?.drives ?? 0;
}

/**
 * Counts a new drive of a project. To be called once the transaction has written the event counter: until it commits no other
 * one can, so that two services never both see the last free place.
 * Refusals: QUOTA_EXCEEDED when the project has `most` already.
 */
export async function countIn(trx: Transaction<Schema>, projectId: string, most: number): Promise<void> {
  const mine = trx
    .updateTable("project_drives")
    .set(({ eb }) => ({ drives: eb("drives", "+", 1) }))
    .where("project_id", "=", projectId);
  const counted = Number.isFinite(most) ? mine.where("drives", "<", most) : mine;
  const { numUpdatedRows } = await counted.executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  requireRoom(projectId, await driveCount(trx, projectId), most);
  await trx.insertInto("project_drives").values({ project_id: projectId, drives: 1 }).execute();
}

/** Counts a drive of a project that is gone. */
export async function countOut(trx: Transaction<Schema>, projectId: string): Promise<void> {
  await trx
    .updateTable("project_drives")
    .set(({ eb }) => ({ drives: eb("drives", "-", 1) }))
    .where("project_id", "=", projectId)
    .where("drives", ">", 0)
    .execute();
}
