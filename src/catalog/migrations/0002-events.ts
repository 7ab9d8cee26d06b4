import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** Events: one row for every write to a drive, numbered in the order of the commits, for watchers; and the count. */
export const events = ({ text, tableEnd }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    const create = (table: string) => db.schema.createTable(table).ifNotExists().modifyEnd(tableEnd);
    await create("events")
      .addColumn("number", "bigint", (column) => column.primaryKey())
      .addColumn("project_id", text(255), (column) => column.notNull())
      .addColumn("drive_id", text(36), (column) => column.notNull())
      .addColumn("kind", text(16), (column) => column.notNull())
      .addColumn("happened_at", "bigint", (column) => column.notNull())
      .execute();
    const index = (name: string) => db.schema.createIndex(name).ifNotExists().on("events");
    await index("events_by_project").columns(["project_id", "number"]).execute();
    await index("events_by_age").columns(["happened_at"]).execute();
    await create("event_counter")
      .addColumn("newest", "bigint", (column) => column.notNull())
      .execute();
    await sql`delete from event_counter`.execute(db);
    await sql`insert into event_counter (newest) values (0)`.execute(db);
  },

  async down(db: Kysely<never>) {
    for (const table of ["event_counter", "events"]) await db.schema.dropTable(table).ifExists().execute();
  },
});
