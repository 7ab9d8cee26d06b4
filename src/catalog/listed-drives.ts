import type { Kysely } from "kysely";
import type { DriveFilter } from "#drive/catalog.js";
import type { DriveRow, Schema } from "./schema.js";

/**
 * The drives of a project that a filter lets through, by id, from after one on. Whether somebody has a drive is looked up drive by
 * drive, so that a page reads no more than the project's own.
 */
export async function listedDrives(db: Kysely<Schema>, filter: DriveFilter): Promise<readonly DriveRow[]> {
  const { projectId, instanceId, host, attached, afterId, limit } = filter;
  let query = db.selectFrom("drives").selectAll("drives").where("drives.project_id", "=", projectId);
  query = query.where("drives.id", ">", afterId).orderBy("drives.id").limit(limit);
  if (instanceId !== undefined || host !== undefined) {
    let having = db.selectFrom("attachments").select("drive_id");
    if (instanceId !== undefined) having = having.where("instance_id", "=", instanceId);
    if (host !== undefined) having = having.where("host", "=", host);
    query = query.where("drives.id", "in", having);
  }
  if (attached !== undefined) {
    // Not as `exists`, for which a planner may read the attachments of all projects.
    query = query.where(({ eb, selectFrom }) => {
      const had = selectFrom("attachments").select("drive_id").whereRef("attachments.drive_id", "=", "drives.id");
      return eb(had.limit(1), attached ? "is not" : "is", null);
    });
  }
  return await query.execute();
}
