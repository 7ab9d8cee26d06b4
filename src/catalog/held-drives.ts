import type { Kysely } from "kysely";
import type { HeldDrive } from "#drive/catalog.js";
import type { Schema } from "./schema.js";

/** Drives that some instance has, or was the last one to have, by instance and id, from after one on. */
export async function heldDrives(
  db: Kysely<Schema>,
  after: HeldDrive | undefined,
  limit: number,
): Promise<readonly HeldDrive[]> {
  let query = db.selectFrom("drives").select(["id", "project_id", "last_instance_id"]);
  query = query.where("last_instance_id", ">", "");
  if (after !== undefined) {
    const { instanceId, driveId } = after;
    // Not as one comparison of pairs, for which MariaDB takes no index.
    query = query.where("last_instance_id", ">=", instanceId);
    query = query.where(({ eb, or }) => or([eb("last_instance_id", ">", instanceId), eb("id", ">", driveId)]));
  }
  const rows = await query.orderBy("last_instance_id").orderBy("id").limit(limit).execute();
  return rows.map((row) => ({ driveId: row.id, projectId: row.project_id, instanceId: row.last_instance_id }));
}
