import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** The instances that the service runs itself, and the operations on them. */
export const runInstances = ({ text, bytes, tableEnd }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    const create = (table: string) => db.schema.createTable(table).ifNotExists().modifyEnd(tableEnd);
    const index = (name: string) => db.schema.createIndex(name).ifNotExists().on("instances");
    await create("instance_operations")
      .addColumn("id", text(36), (column) => column.primaryKey())
      .addColumn("owner", text(36), (column) => column.notNull())
      .addColumn("kind", text(16), (column) => column.notNull())
      .addColumn("host", text(255), (column) => column.notNull())
      .addColumn("failure", text(63))
      .addColumn("min_count", "integer", (column) => column.notNull())
      .addColumn("grace_ms", "integer", (column) => column.notNull())
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("request_id", text(36), (column) => column.notNull())
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .execute();
    await create("instances")
      .addColumn("id", text(36), (column) => column.primaryKey())
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("reservation_id", text(36), (column) => column.notNull())
      .addColumn("operation_id", text(36))
      .addColumn("name", text(255), (column) => column.notNull())
      .addColumn("host", text(255), (column) => column.notNull())
      .addColumn("launch_index", "integer", (column) => column.notNull())
      .addColumn("state", text(16), (column) => column.notNull())
      .addColumn("template", bytes, (column) => column.notNull())
      .addColumn("revision", "bigint", (column) => column.notNull())
      .addColumn("created_at", "bigint", (column) => column.notNull())
      .addColumn("updated_at", "bigint", (column) => column.notNull())
      .execute();
    await index("instances_by_project").columns(["project_id", "id"]).execute();
    await index("instances_by_reservation").columns(["reservation_id", "id"]).execute();
    await index("instances_by_operation").columns(["operation_id"]).execute();
    await index("instances_by_host").columns(["host", "state", "id"]).execute();
  },

  async down(db: Kysely<never>) {
    for (const table of ["instances", "instance_operations"]) await db.schema.dropTable(table).ifExists().execute();
  },
});
