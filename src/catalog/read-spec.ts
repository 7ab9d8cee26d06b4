import type { Kysely } from "kysely";
import type { Spec } from "#drive/spec.js";
import type { Schema } from "./schema.js";
import { decodeContent } from "./spec-content.js";

/** What a generation was asked to hold; `undefined` when it is no longer kept. */
export async function readSpec(db: Kysely<Schema>, driveId: string, generation: number): Promise<Spec | undefined> {
  const query = db.selectFrom("specs").selectAll().where("drive_id", "=", driveId);
  const row = await query.where("generation", "=", generation).executeTakeFirst();
  if (row === undefined) return undefined;
  return { content: decodeContent(row.content), format: row.format, label: row.label, sizeBytes: row.size_bytes };
}
