import type { Kysely } from "kysely";
import type { DriveRecord } from "#drive/catalog.js";
import type { Drive } from "#drive/drive.js";
import type { Operation } from "#drive/operation.js";
import { toDrive, toOperation } from "./rows.js";
import type { DriveRow, Schema } from "./schema.js";

/** Most ids in one query, below what every database takes as parameters. */
const chunk = 500;

/** Drives with their generations and attachments, in the order of their rows. */
export async function readDrives(db: Kysely<Schema>, rows: readonly DriveRow[]): Promise<readonly Drive[]> {
  const drives: Drive[] = [];
  for (let start = 0; start < rows.length; start += chunk) {
    const part = rows.slice(start, start + chunk);
    const ids = part.map(({ id }) => id);
    const generations = await db
      .selectFrom("generations")
      .selectAll()
      .where("drive_id", "in", ids)
      .orderBy("drive_id")
      .orderBy("number")
      .execute();
    const attachments = await db
      .selectFrom("attachments")
      .selectAll()
      .where("drive_id", "in", ids)
      .orderBy("drive_id")
      .orderBy("created_at")
      .orderBy("instance_id")
      .execute();
    const generationsOf = Map.groupBy(generations, (row) => row.drive_id);
    const attachmentsOf = Map.groupBy(attachments, (row) => row.drive_id);
    for (const row of part) drives.push(toDrive(row, generationsOf.get(row.id) ?? [], attachmentsOf.get(row.id) ?? []));
  }
  return drives;
}

/** Drives with their open operations. */
export async function readRecords(db: Kysely<Schema>, rows: readonly DriveRow[]): Promise<readonly DriveRecord[]> {
  const operations = new Map<string, Operation>();
  for (let start = 0; start < rows.length; start += chunk) {
    const ids = rows.slice(start, start + chunk).map(({ id }) => id);
    for (const row of await db.selectFrom("operations").selectAll().where("drive_id", "in", ids).execute()) {
      operations.set(row.drive_id, toOperation(row));
    }
  }
  return (await readDrives(db, rows)).map((drive) => ({ drive, operation: operations.get(drive.id) }));
}
