import type { Kysely } from "kysely";
import type { DriveRecord } from "#drive/catalog.js";
import { prepared } from "./prepared.js";
import { toDrive, toOperation } from "./rows.js";
import type { Schema } from "./schema.js";

const drive = prepared((db, id) => db.selectFrom("drives").selectAll().where("id", "=", id));
const generations = prepared((db, id) =>
  db.selectFrom("generations").selectAll().where("drive_id", "=", id).orderBy("number"),
);
const attachments = prepared((db, id) =>
  db.selectFrom("attachments").selectAll().where("drive_id", "=", id).orderBy("created_at").orderBy("instance_id"),
);
const operations = prepared((db, id) => db.selectFrom("operations").selectAll().where("drive_id", "=", id));

/** One drive with its open operation, which every call begins with; of several drives `readRecords` takes fewer statements. */
export async function readRecord(db: Kysely<Schema>, driveId: string): Promise<DriveRecord | undefined> {
  const [row] = (await drive(db, driveId)).rows;
  if (row === undefined) return undefined;
  const [operation] = (await operations(db, driveId)).rows;
  return {
    drive: toDrive(row, (await generations(db, driveId)).rows, (await attachments(db, driveId)).rows),
    operation: operation && toOperation(operation),
  };
}
