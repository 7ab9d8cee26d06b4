import type { Kysely } from "kysely";
import type { Dialect } from "../dialect.js";
import type { CatalogMigration } from "./migration.js";

/** Hosts that an operator has declared lost, for all services on the database. */
export const lostHosts = ({ text, tableEnd }: Dialect): CatalogMigration => ({
  additive: true,

  async up(db: Kysely<never>) {
    await db.schema
      .createTable("lost_hosts")
      .ifNotExists()
      .modifyEnd(tableEnd)
      .addColumn("host", text(255), (column) => column.primaryKey())
      .addColumn("declared_at", "bigint", (column) => column.notNull())
      .execute();
  },

  async down(db: Kysely<never>) {
    await db.schema.dropTable("lost_hosts").ifExists().execute();
  },
});
