import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { Schema } from "../schema.js";
import { hasColumn } from "./has-column.js";
import type { CatalogMigration } from "./migration.js";

const COLUMN = { table: "drives", column: "last_instance_id" } as const;

/** Which instance had a drive last, and what became of the drives of instances that are gone. */
export const instances = ({ text, tableEnd, dropIndex }: Dialect): CatalogMigration => ({
  async up(db: Kysely<Schema>) {
    if (!(await hasColumn(db, COLUMN))) {
      await db.schema
        .alterTable("drives")
        .addColumn("last_instance_id", text(255), (column) => column.notNull().defaultTo(""))
        .execute();
    }
    await db
      .updateTable("drives")
      .set(({ selectFrom }) => ({
        last_instance_id: selectFrom("attachments")
          .select(({ fn }) => fn.max("instance_id").as("instance_id"))
          .whereRef("attachments.drive_id", "=", "drives.id"),
      }))
      .where("id", "in", db.selectFrom("attachments").select("drive_id"))
      .execute();
    await db.schema
      .createIndex("drives_by_last_instance")
      .ifNotExists()
      .on("drives")
      .columns(["last_instance_id", "project_id"])
      .execute();
    await db.schema
      .createTable("released_drives")
      .ifNotExists()
      .modifyEnd(tableEnd)
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("request_id", text(36), (column) => column.notNull())
      .addColumn("drive_id", text(36), (column) => column.notNull())
      .addColumn("deleted", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("released_drives_key", ["project_id", "request_id", "drive_id"])
      .addForeignKeyConstraint(
        "released_drives_of_request",
        ["project_id", "request_id"],
        "requests",
        ["project_id", "request_id"],
        (key) => key.onDelete("cascade"),
      )
      .execute();
  },

  async down(db: Kysely<Schema>) {
    await db.schema.dropTable("released_drives").ifExists().execute();
    if (!(await hasColumn(db, COLUMN))) return;
    await dropIndex("drives_by_last_instance", "drives").execute(db);
    await db.schema.alterTable("drives").dropColumn("last_instance_id").execute();
  },
});
