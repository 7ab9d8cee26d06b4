import type { Transaction } from "kysely";
import type { Content } from "#drive/spec.js";
import type { Upload } from "#drive/upload.js";
import type { Schema } from "./schema.js";

/** Notes which content of the content store a spec names. */
export async function nameContent(
  trx: Transaction<Schema>,
  driveId: string,
  generation: number,
  content: Content,
): Promise<void> {
  if (content.kind === "config_data") return;
  const bytes =
    content.kind === "blob"
      ? [content.bytes]
      : content.files.flatMap(({ data }) => (data.kind === "content" ? [data.bytes] : []));
  for (const sha256 of new Set(bytes.flatMap((each) => (each instanceof Uint8Array ? [] : [each.sha256])))) {
    await trx.insertInto("spec_contents").values({ drive_id: driveId, generation, sha256 }).execute();
  }
}

/** Those of these digests that a spec or an upload names. */
export async function namedContent(trx: Transaction<Schema>, sha256s: readonly string[]): Promise<ReadonlySet<string>> {
  if (sha256s.length === 0) return new Set();
  const bySpecs = await trx.selectFrom("spec_contents").select("sha256").where("sha256", "in", sha256s).execute();
  const byUploads = await trx.selectFrom("uploads").select("sha256").where("sha256", "in", sha256s).execute();
  return new Set([...bySpecs, ...byUploads].map(({ sha256 }) => sha256));
}

/** The upload with this id. */
export async function findUpload(trx: Transaction<Schema>, contentId: string): Promise<Upload | undefined> {
  const row = await trx.selectFrom("uploads").selectAll().where("content_id", "=", contentId).executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    contentId,
    projectId: row.project_id,
    content: { sha256: row.sha256, sizeBytes: row.size_bytes },
    expiresAt: new Date(row.expires_at),
  };
}

/** Writes an upload, or its new expiry. */
export async function keepUpload(trx: Transaction<Schema>, upload: Upload): Promise<void> {
  const { contentId, projectId, content } = upload;
  const expires_at = upload.expiresAt.getTime();
  const known = trx.updateTable("uploads").set({ expires_at }).where("content_id", "=", contentId);
  if ((await known.executeTakeFirst()).numUpdatedRows > 0n) return;
  const row = { content_id: contentId, project_id: projectId, sha256: content.sha256, size_bytes: content.sizeBytes };
  await trx
    .insertInto("uploads")
    .values({ ...row, expires_at })
    .execute();
}

/** Removes uploads that expired before a time; gives how many. */
export async function forgetUploads(trx: Transaction<Schema>, before: Date): Promise<number> {
  const old = trx.deleteFrom("uploads").where("expires_at", "<", before.getTime());
  return Number((await old.executeTakeFirst()).numDeletedRows);
}
