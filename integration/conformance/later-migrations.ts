import { type Kysely, sql } from "kysely";
import type { CatalogMigration } from "#catalog/migrations/migration.js";

/** A migration as a later version may have it: with a column that this version's writes leave at its default. */
export const laterColumn: CatalogMigration = {
  additive: true,
  up: async (db: Kysely<never>) => {
    await sql`alter table drives add column later varchar(16) not null default 'unset'`.execute(db);
  },
  down: async (db: Kysely<never>) => {
    await sql`alter table drives drop column later`.execute(db);
  },
};

/** One that versions before it cannot go on with: what they use is called otherwise. */
export const otherColumn: CatalogMigration = {
  up: async (db: Kysely<never>) => {
    await sql`alter table uploads rename column size_bytes to size`.execute(db);
  },
  down: async (db: Kysely<never>) => {
    await sql`alter table uploads rename column size to size_bytes`.execute(db);
  },
};
