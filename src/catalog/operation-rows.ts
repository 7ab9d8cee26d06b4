import type { Transaction } from "kysely";
import type { DriveOpening, DriveRecord } from "#drive/catalog.js";
import { Refusal } from "#drive/refusal.js";
import { nameContent } from "./content-rows.js";
import type { Lease } from "./lease.js";
import { ofOperation } from "./rows.js";
import type { Schema } from "./schema.js";
import { encodeContent } from "./spec-content.js";
import { insertDrive, updateDrive } from "./write-drive.js";

/**
 * Writes the desired state of a drive and the operation that leads to it, which is this service's.
 * Refusals: DRIVE_BUSY when somebody wrote since, or has an operation open; QUOTA_EXCEEDED; CATALOG_FAILED when the lease has run out.
 */
export async function openOperation(
  trx: Transaction<Schema>,
  lease: Lease,
  { operation, drive, from, spec, mostDrives }: DriveOpening,
): Promise<DriveRecord> {
  const written = from === undefined ? await insertDrive(trx, drive, mostDrives) : await updateDrive(trx, from, drive);
  if (from?.operation !== undefined) throw new Refusal("DRIVE_BUSY", `drive ${drive.id} has an operation under way`);
  await lease.confirm(trx);
  await trx
    .insertInto("operations")
    .values({ ...ofOperation(operation), owner: lease.id })
    .execute();
  if (spec !== undefined) {
    const { content, format, label, sizeBytes } = spec.spec;
    const row = { drive_id: drive.id, generation: spec.generation, format, label, size_bytes: sizeBytes };
    await trx
      .insertInto("specs")
      .values({ ...row, content: encodeContent(content) })
      .execute();
    await nameContent(trx, drive.id, spec.generation, content);
  }
  return { drive: written, operation };
}
