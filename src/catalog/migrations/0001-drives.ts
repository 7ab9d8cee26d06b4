import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/**
 * The first schema: drives, their generations, specs and attachments, operations and requests, and the services that use the
 * database. Cut off and begun again it goes on: MariaDB commits each statement by itself.
 */
export const drives = ({ text, bytes, tableEnd }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    const create = (table: string) => db.schema.createTable(table).ifNotExists().modifyEnd(tableEnd);
    const index = (name: string) => db.schema.createIndex(name).ifNotExists();
    /** A table whose rows belong to a drive and go with it. */
    const ofDrive = (table: string) =>
      create(table)
        .addColumn("drive_id", text(36), (column) => column.notNull())
        .addForeignKeyConstraint(`${table}_of_drive`, ["drive_id"], "drives", ["id"], (key) => key.onDelete("cascade"));

    await create("drives")
      .addColumn("id", text(36), (column) => column.primaryKey())
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("delete_on_termination", "integer", (column) => column.notNull())
      .addColumn("writable", "integer", (column) => column.notNull())
      .addColumn("deleting", "integer", (column) => column.notNull())
      .addColumn("revision", "bigint", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .execute();
    await index("drives_by_project").on("drives").columns(["project_id", "id"]).execute();

    await ofDrive("generations")
      .addColumn("number", "integer", (column) => column.notNull())
      .addColumn("state", text(16), (column) => column.notNull())
      .addColumn("format", text(16), (column) => column.notNull())
      .addColumn("label", text(64), (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("sha256", text(64), (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("failure_reason", text(63), (column) => column.notNull())
      .addPrimaryKeyConstraint("generations_key", ["drive_id", "number"])
      .execute();

    await ofDrive("specs")
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("format", text(16), (column) => column.notNull())
      .addColumn("label", text(64), (column) => column.notNull())
      .addColumn("size_bytes", "bigint", (column) => column.notNull())
      .addColumn("content", bytes, (column) => column.notNull())
      .addPrimaryKeyConstraint("specs_key", ["drive_id", "generation"])
      .execute();

    await ofDrive("attachments")
      .addColumn("instance_id", text(255), (column) => column.notNull())
      .addColumn("host", text(255), (column) => column.notNull())
      .addColumn("state", text(16), (column) => column.notNull())
      .addColumn("desired_generation", "integer", (column) => column.notNull())
      .addColumn("observed_generation", "integer", (column) => column.notNull())
      .addColumn("device_kind", text(16), (column) => column.notNull())
      .addColumn("device_bus", text(16), (column) => column.notNull())
      .addColumn("device_name", text(255), (column) => column.notNull())
      .addColumn("device_reason", "text", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("attachments_key", ["drive_id", "instance_id", "host"])
      .execute();
    await index("attachments_by_instance").on("attachments").columns(["instance_id", "drive_id"]).execute();

    await ofDrive("operations")
      .addColumn("id", text(36), (column) => column.primaryKey())
      .addColumn("owner", text(36), (column) => column.notNull())
      .addColumn("kind", text(16), (column) => column.notNull())
      .addColumn("failure", text(63))
      .addColumn("force", "integer", (column) => column.notNull())
      .addColumn("project_id", text(255))
      .addColumn("request_id", text(36))
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .addUniqueConstraint("operations_one_a_drive", ["drive_id"])
      .execute();

    await create("requests")
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("request_id", text(36), (column) => column.notNull())
      .addColumn("method", text(63), (column) => column.notNull())
      .addColumn("digest", text(64), (column) => column.notNull())
      .addColumn("drive_id", text(36), (column) => column.notNull())
      .addColumn("state", text(16), (column) => column.notNull())
      .addColumn("seen_at", "bigint", (column) => column.notNull())
      .addPrimaryKeyConstraint("requests_key", ["project_id", "request_id"])
      .execute();
    await create("services")
      .addColumn("id", text(36), (column) => column.primaryKey())
      .addColumn("host", text(255), (column) => column.notNull())
      .addColumn("pid", "integer", (column) => column.notNull())
      .addColumn("since", text(32), (column) => column.notNull())
      .addColumn("expires_at", "bigint", (column) => column.notNull())
      .execute();
    await index("requests_by_age").on("requests").columns(["seen_at"]).execute();
  },

  async down(db: Kysely<never>) {
    for (const table of ["services", "requests", "operations", "attachments", "specs", "generations", "drives"]) {
      await db.schema.dropTable(table).ifExists().execute();
    }
  },
});
