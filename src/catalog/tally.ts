import type { Kysely } from "kysely";
import type { CatalogTally } from "#drive/catalog.js";
import type { Schema } from "./schema.js";

/** Counts what the catalog holds: over all projects, and over all services on the database. */
export async function tally(db: Kysely<Schema>): Promise<CatalogTally> {
  const { drives } = await db
    .selectFrom("project_drives")
    .select(({ fn }) => fn.sum<number | string | null>("drives").as("drives"))
    .executeTakeFirstOrThrow();
  const { pending } = await db
    .selectFrom("attachments")
    .select(({ fn }) => fn.countAll<number | string>().as("pending"))
    .where("state", "=", "ATTACHED")
    .where("observed_generation", "<", ({ selectFrom }) =>
      selectFrom("generations")
        .select(({ fn }) => fn.max("number").as("newest"))
        .whereRef("generations.drive_id", "=", "attachments.drive_id")
        .where("generations.state", "=", "READY"),
    )
    .executeTakeFirstOrThrow();
  const open = await db
    .selectFrom("operations")
    .select(({ fn }) => ["kind", fn.countAll<number | string>().as("count"), fn.min("started_at").as("oldest")])
    .groupBy("kind")
    .execute();
  return {
    drives: Number(drives ?? 0),
    pendingGenerations: Number(pending),
    openOperations: open.map(({ kind, count, oldest }) => ({
      kind,
      count: Number(count),
      oldestStartedAt: new Date(Number(oldest)),
    })),
  };
}
