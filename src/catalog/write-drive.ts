import type { Transaction } from "kysely";
import type { DriveRecord, DriveWrite } from "#drive/catalog.js";
import type { Drive } from "#drive/drive.js";
import { isNameBased } from "#drive/name-based-id.js";
import { Refusal } from "#drive/refusal.js";
import { nameContent } from "./content-rows.js";
import { noteChange } from "./event-rows.js";
import { insertRow } from "./insert-row.js";
import { keptStatement } from "./kept-statement.js";
import { countIn, countOut } from "./project-rows.js";
import { ofAttachment, ofDrive, ofGeneration } from "./rows.js";
import type { Schema } from "./schema.js";
import { encodeContent } from "./spec-content.js";

/**
 * Writes a drive, a new one or over the record that it was made from, and what its newest generation was asked to hold. Gives it
 * with its new revision.
 * Refusals: DRIVE_BUSY, QUOTA_EXCEEDED.
 */
export async function writeDrive(
  trx: Transaction<Schema>,
  { drive, from, spec, mostDrives }: DriveWrite,
): Promise<Drive> {
  const written = from === undefined ? await insertDrive(trx, drive, mostDrives) : await updateDrive(trx, from, drive);
  if (spec !== undefined) {
    const { content, format, label, sizeBytes } = spec.spec;
    const row = { drive_id: drive.id, generation: spec.generation, format, label, size_bytes: sizeBytes };
    await insertRow(trx, "specs", { ...row, content: encodeContent(content) });
    await nameContent(trx, drive.id, spec.generation, content);
  }
  return written;
}

/**
 * Writes a new drive with its first revision. An earlier drive may have had a name-based id: there the number of the change is the
 * first revision, which no revision before it reaches, since each was noted as a change too. So no host takes the new drive for
 * the old one. QUOTA_EXCEEDED when its project has `most` drives already.
 */
async function insertDrive(
  trx: Transaction<Schema>,
  drive: Drive,
  most: number = Number.POSITIVE_INFINITY,
): Promise<Drive> {
  const written = { ...drive, revision: 1 };
  await insertRow(trx, "drives", ofDrive(written));
  await writeParts(trx, written, undefined);
  const number = await noteChange(trx, written, "CREATED");
  const revision = isNameBased(drive.id) ? number : written.revision;
  if (revision !== written.revision) {
    await trx.updateTable("drives").set({ revision }).where("id", "=", drive.id).execute();
  }
  await countIn(trx, drive.projectId, most);
  return { ...written, revision };
}

/**
 * Writes a drive over the record that it was made from: compare and set by revision. Gives it with the
 * new one.
 * Refusals: DRIVE_BUSY when somebody wrote since.
 */
export async function updateDrive(trx: Transaction<Schema>, from: DriveRecord, drive: Drive): Promise<Drive> {
  const written = { ...drive, revision: from.drive.revision + 1 };
  const row = ofDrive(written);
  const { id, revision } = from.drive;
  const { numAffectedRows } = await keptStatement(
    trx,
    `a drive's new row (${Object.keys(row).join()})`,
    [...Object.values(row), id, revision],
    () => trx.updateTable("drives").set(row).where("id", "=", id).where("revision", "=", revision),
  );
  if (numAffectedRows !== 1n) throw outOfDate(from);
  await writeParts(trx, written, from.drive);
  await noteChange(trx, written, "CHANGED");
  return written;
}

/** Removes a drive and all rows that belong to it. */
export async function removeDrive(trx: Transaction<Schema>, drive: Drive): Promise<void> {
  await trx.deleteFrom("drives").where("id", "=", drive.id).execute();
  await noteChange(trx, drive, "DELETED");
  await countOut(trx, drive.projectId);
}

/** Generations and attachments are immutable objects: those that are the same object as before are not written again. */
async function writeParts(trx: Transaction<Schema>, drive: Drive, before: Drive | undefined): Promise<void> {
  for (const generation of before?.generations ?? []) {
    if (drive.generations.includes(generation)) continue;
    const row = trx.deleteFrom("generations").where("drive_id", "=", drive.id);
    await row.where("number", "=", generation.number).execute();
    if (drive.generations.some(({ number }) => number === generation.number)) continue;
    const spec = trx.deleteFrom("specs").where("drive_id", "=", drive.id);
    await spec.where("generation", "=", generation.number).execute();
    const named = trx.deleteFrom("spec_contents").where("drive_id", "=", drive.id);
    await named.where("generation", "=", generation.number).execute();
  }
  for (const generation of drive.generations) {
    if (before?.generations.includes(generation)) continue;
    await insertRow(trx, "generations", ofGeneration(drive.id, generation));
  }
  for (const attachment of before?.attachments ?? []) {
    if (drive.attachments.includes(attachment)) continue;
    const { instanceId, host } = attachment;
    await keptStatement(trx, "an attachment that goes", [drive.id, instanceId, host], () => {
      const row = trx.deleteFrom("attachments").where("drive_id", "=", drive.id);
      return row.where("instance_id", "=", instanceId).where("host", "=", host);
    });
  }
  for (const attachment of drive.attachments) {
    if (before?.attachments.includes(attachment)) continue;
    await insertRow(trx, "attachments", ofAttachment(drive.id, attachment));
  }
}

function outOfDate({ drive }: DriveRecord): Refusal {
  return new Refusal("DRIVE_BUSY", `drive ${drive.id} was changed by another operation meanwhile`, {
    metadata: { drive_id: drive.id },
  });
}
