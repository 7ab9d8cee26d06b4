import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Events: one row for every write to a drive, numbered in the order of the commits, for watchers. */
export const events: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("events")
      .addColumn("number", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("project_id", "varchar(255)", (column) => column.notNull())
      .addColumn("drive_id", "varchar(36)", (column) => column.notNull())
      .addColumn("kind", "varchar(16)", (column) => column.notNull())
      .addColumn("happened_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("events_by_project").on("events").columns(["project_id", "number"]).execute();
    await db.schema.createIndex("events_by_age").on("events").columns(["happened_at"]).execute();
  },

  async down(db: Kysely<never>) {
    await db.schema.dropTable("events").execute();
  },
};
