import { type Kysely, sql } from "kysely";
import type { Dialect } from "../dialect.js";
import { hasColumn } from "./has-column.js";
import type { CatalogMigration } from "./migration.js";

const COLUMN = { table: "drives", column: "leftover" } as const;

/** Which drives may be left over of something that came to nothing, so that looking for old ones reads no others. */
export const leftovers = ({ text, dropIndex }: Dialect): CatalogMigration => ({
  async up(db: Kysely<never>) {
    if (!(await hasColumn(db, COLUMN))) {
      await db.schema
        .alterTable("drives")
        .addColumn("leftover", text(16), (column) => column.notNull().defaultTo(""))
        .execute();
    }
    const nobody = sql`not exists (select 1 from attachments where attachments.drive_id = drives.id) and deleting = 0`;
    const whole = sql`exists (select 1 from generations where generations.drive_id = drives.id and state <> 'FAILED')`;
    await sql`update drives set leftover = 'FAILED' where ${nobody} and not ${whole}`.execute(db);
    await sql`update drives set leftover = 'UNATTACHED'
      where ${nobody} and ${whole} and delete_on_termination <> 0`.execute(db);
    await db.schema
      .createIndex("drives_by_leftover")
      .ifNotExists()
      .on("drives")
      .columns(["leftover", "updated_at"])
      .execute();
  },

  async down(db: Kysely<never>) {
    if (!(await hasColumn(db, COLUMN))) return;
    await dropIndex("drives_by_leftover", "drives").execute(db);
    await db.schema.alterTable("drives").dropColumn("leftover").execute();
  },
});
