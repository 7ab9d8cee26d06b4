import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** Content that stands outside the catalog: which of it each spec names, and what was uploaded. */
export const contents = ({ text, tableEnd }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    const create = (table: string) => db.schema.createTable(table).ifNotExists().modifyEnd(tableEnd);
    const index = (name: string) => db.schema.createIndex(name).ifNotExists();
    await create("spec_contents")
      .addColumn("drive_id", text(36), (column) => column.notNull())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("sha256", text(64), (column) => column.notNull())
      .addPrimaryKeyConstraint("spec_contents_key", ["drive_id", "generation", "sha256"])
      .addForeignKeyConstraint("spec_contents_of_drive", ["drive_id"], "drives", ["id"], (key) =>
        key.onDelete("cascade"),
      )
      .execute();
    await index("spec_contents_by_digest").on("spec_contents").columns(["sha256"]).execute();
    await create("uploads")
      .addColumn("content_id", text(36), (column) => column.primaryKey())
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("sha256", text(64), (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .execute();
    await index("uploads_by_digest").on("uploads").columns(["sha256"]).execute();
    await index("uploads_by_expiry").on("uploads").columns(["expires_at"]).execute();
  },

  async down(db: Kysely<never>) {
    await db.schema.dropTable("uploads").ifExists().execute();
    await db.schema.dropTable("spec_contents").ifExists().execute();
  },
});
