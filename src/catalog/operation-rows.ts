import type { Transaction } from "kysely";
import type { DriveOpening, DriveRecord } from "#drive/catalog.js";
import { Refusal } from "#drive/refusal.js";
import { insertRow } from "./insert-row.js";
import type { Lease } from "./lease.js";
import { ofOperation } from "./rows.js";
import type { Schema } from "./schema.js";
import { writeDrive } from "./write-drive.js";

/**
 * Writes the desired state of a drive and the operation that leads to it, which is this service's.
 * Refusals: DRIVE_BUSY when somebody wrote since, or has an operation open; QUOTA_EXCEEDED; CATALOG_FAILED when the lease has run out.
 */
export async function openOperation(
  trx: Transaction<Schema>,
  lease: Lease,
  { operation, ...change }: DriveOpening,
): Promise<DriveRecord> {
  const { drive, from } = change;
  const written = await writeDrive(trx, change);
  if (from?.operation !== undefined) throw new Refusal("DRIVE_BUSY", `drive ${drive.id} has an operation under way`);
  await lease.confirm(trx);
  await insertRow(trx, "operations", { ...ofOperation(operation), owner: lease.id });
  return { drive: written, operation };
}
