import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** The drives on a host are found without those on others. */
export const attachmentsByHost = ({ dropIndex }: Dialect): CatalogMigration => ({
  additive: true,

  async up(db: Kysely<never>) {
    await db.schema
      .createIndex("attachments_by_host")
      .ifNotExists()
      .on("attachments")
      .columns(["host", "drive_id"])
      .execute();
  },

  async down(db: Kysely<never>) {
    await dropIndex("attachments_by_host", "attachments").execute(db);
  },
});
