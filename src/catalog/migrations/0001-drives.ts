import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The first schema: drives, their generations, specs and attachments, operations and requests. */
export const drives: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("drives")
      .addColumn("id", "varchar(36)", (column) => column.primaryKey())
      .addColumn("project_id", "varchar(255)", (column) => column.notNull())
      .addColumn("delete_on_termination", "integer", (column) => column.notNull())
      .addColumn("writable", "integer", (column) => column.notNull())
      .addColumn("deleting", "integer", (column) => column.notNull())
      .addColumn("revision", "bigint", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("drives_by_project").on("drives").columns(["project_id", "id"]).execute();

    await ofDrive(db, "generations")
      .addColumn("number", "integer", (column) => column.notNull())
      .addColumn("state", "varchar(16)", (column) => column.notNull())
      .addColumn("format", "varchar(16)", (column) => column.notNull())
      .addColumn("label", "varchar(64)", (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("sha256", "varchar(64)", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("failure_reason", "varchar(63)", (column) => column.notNull())
      .addPrimaryKeyConstraint("generations_key", ["drive_id", "number"])
      .execute();

    await ofDrive(db, "specs")
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("format", "varchar(16)", (column) => column.notNull())
      .addColumn("label", "varchar(64)", (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("content", "blob", (column) => column.notNull())
      .addPrimaryKeyConstraint("specs_key", ["drive_id", "generation"])
      .execute();

    await ofDrive(db, "attachments")
      .addColumn("instance_id", "varchar(255)", (column) => column.notNull())
      .addColumn("host", "varchar(255)", (column) => column.notNull())
      .addColumn("state", "varchar(16)", (column) => column.notNull())
      .addColumn("desired_generation", "integer", (column) => column.notNull())
      .addColumn("observed_generation", "integer", (column) => column.notNull())
      .addColumn("device_kind", "varchar(16)", (column) => column.notNull())
      .addColumn("device_bus", "varchar(16)", (column) => column.notNull())
      .addColumn("device_name", "varchar(255)", (column) => column.notNull())
      .addColumn("device_reason", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("attachments_key", ["drive_id", "instance_id", "host"])
      .execute();
    await db.schema
      .createIndex("attachments_by_instance")
      .on("attachments")
      .columns(["instance_id", "drive_id"])
      .execute();

    await ofDrive(db, "operations")
      .addColumn("id", "varchar(36)", (column) => column.primaryKey())
      .addColumn("kind", "varchar(16)", (column) => column.notNull())
      .addColumn("failure", "varchar(63)")
      .addColumn("force", "integer", (column) => column.notNull())
      .addColumn("project_id", "varchar(255)")
      .addColumn("request_id", "varchar(36)")
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("operations_one_a_drive", ["drive_id"])
      .execute();

    await db.schema
      .createTable("requests")
      .addColumn("project_id", "varchar(255)", (column) => column.notNull())
      .addColumn("request_id", "varchar(36)", (column) => column.notNull())
      .addColumn("method", "varchar(63)", (column) => column.notNull())
      .addColumn("digest", "varchar(64)", (column) => column.notNull())
      .addColumn("drive_id", "varchar(36)", (column) => column.notNull())
      .addColumn("state", "varchar(16)", (column) => column.notNull())
      .addColumn("seen_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("requests_key", ["project_id", "request_id"])
      .execute();
    await db.schema.createIndex("requests_by_age").on("requests").columns(["seen_at"]).execute();
  },

  async down(db: Kysely<never>) {
    for (const table of ["requests", "operations", "attachments", "specs", "generations", "drives"]) {
      await db.schema.dropTable(table).execute();
    }
  },
};

/** A table whose rows belong to a drive and go with it. */
function ofDrive(db: Kysely<never>, table: string) {
  return db.schema
    .createTable(table)
    .addColumn("drive_id", "varchar(36)", (column) => column.notNull())
    .addForeignKeyConstraint(`${table}_of_drive`, ["drive_id"], "drives", ["id"], (key) => key.onDelete("cascade"));
}
