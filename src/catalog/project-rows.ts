import type { Kysely, Transaction } from "kysely";
import { requireRoom } from "#drive/quota.js";
import { insertRow } from "./insert-row.js";
import { prepared } from "./prepared.js";
import type { Schema } from "./schema.js";

const drivesOf = prepared((db, projectId) =>
  db.selectFrom("project_drives").select("drives").where("project_id", "=", projectId),
);
const oneMore = prepared((db, projectId) =>
  db
    .updateTable("project_drives")
    .set(({ eb }) => ({ drives: eb("drives", "+", 1) }))
    .where("project_id", "=", projectId),
);

/** How many drives a project has. */
export async function driveCount(db: Kysely<Schema>, projectId: string): Promise<number> {
  const [row] = (await drivesOf(db, projectId)).rows;
  return row?.drives ?? 0;
}

/**
 * Counts a new drive of a project. To be called once the transaction has written the event counter: until it commits no other
 * one can, so that two services never both see the last free place.
 * Refusals: QUOTA_EXCEEDED when the project has `most` already.
 */
export async function countIn(trx: Transaction<Schema>, projectId: string, most: number): Promise<void> {
  requireRoom(projectId, await driveCount(trx, projectId), most);
  const { numAffectedRows = 0n } = await oneMore(trx, projectId);
  if (numAffectedRows === 0n) await insertRow(trx, "project_drives", { project_id: projectId, drives: 1 });
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
