import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** How many drives each project has: counted as they come and go, so that a limit costs the same however many there are. */
export const projectDrives = ({ text, tableEnd }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("project_drives")
      .ifNotExists()
      .modifyEnd(tableEnd)
      .addColumn("project_id", text(255), (column) => column.primaryKey())
      .addColumn("drives", "bigint", (column) => column.notNull())
      .execute();
    await sql`delete from project_drives`.execute(db);
    await sql`insert into project_drives (project_id, drives)
      select project_id, count(*) from drives group by project_id`.execute(db);
  },

  async down(db: Kysely<never>) {
    await db.schema.dropTable("project_drives").ifExists().execute();
  },
});
