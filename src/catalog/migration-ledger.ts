import type { Kysely } from "kysely";
import type { CatalogMigrations } from "./migrations/migration.js";
import type { Schema } from "./schema.js";

/** The table with every migration that was made. */
export const MADE = "catalog_migrations";
/**
 * The table with those that a version has to know to be started. Versions before `0008-lost-hosts` look here alone, and refuse what
 * they do not know; so an additive migration is kept out of it until one that is not stands above it.
 */
export const REQUIRED = "kysely_migration";

/** Each in the form that kysely's migrator gives the table that it keeps. */
type Ledgers = Record<typeof MADE | typeof REQUIRED, { name: string; timestamp: string }>;

/** What of a database's migrations a version does not know. */
export interface Unknown {
  /** Without these it can be started. */
  readonly additive: readonly string[];
  /** With one of these it cannot. */
  readonly required: readonly string[];
}

/** The record of a database's migrations, as a version sees it that knows some of them. */
export class MigrationLedger {
  private readonly db: Kysely<Schema & Ledgers>;

  constructor(
    db: Kysely<Schema>,
    private readonly known: CatalogMigrations,
  ) {
    this.db = db.withTables<Ledgers>();
  }

  /**
   * Makes both tables agree: an older version knows only one of them. What it had made is taken over, and what it has undone is made
   * anew, with all above it. Services that start at once do it side by side.
   */
  async agree(): Promise<void> {
    for (const table of [MADE, REQUIRED] as const) await this.make(table);
    const required = await this.names(REQUIRED);
    const made = await this.names(MADE);
    if (made.length === 0 && required.length > 0) {
      const rows = this.db.selectFrom(REQUIRED).select(["name", "timestamp"]);
      try {
        await this.db.insertInto(MADE).columns(["name", "timestamp"]).expression(rows).execute();
      } catch (error) {
        if ((await this.names(MADE)).length === 0) throw error;
      }
      return;
    }
    const [undone] = this.upToFloor(made).filter((name) => !required.includes(name));
    if (undone !== undefined) await this.db.deleteFrom(MADE).where("name", ">=", undone).execute();
  }

  async unknown(): Promise<Unknown> {
    const unknownOf = (names: readonly string[]) => names.filter((name) => !(name in this.known));
    const required = unknownOf(await this.names(REQUIRED));
    const made = unknownOf(await this.names(MADE));
    return { required, additive: made.filter((name) => !required.includes(name)) };
  }

  /**
   * The migrations that are known, each of which writes down what a version has to know from then on.
   * They do so within kysely's lock, and where the database can within the migration's transaction.
   */
  recording(): CatalogMigrations {
    const names = Object.keys(this.known);
    const recording = Object.entries(this.known).map(([name, migration]) => {
      const below = names.slice(0, names.indexOf(name));
      const here: CatalogMigrations[string] = {
        up: async (db) => {
          await migration.up(db);
          if (!migration.additive) await this.within(db).require([...below, name]);
        },
        down: async (db) => {
          await migration.down(db);
          await this.within(db).requireOnly(this.upToFloor(below));
        },
      };
      return [name, here] as const;
    });
    return Object.fromEntries(recording);
  }

  private within(db: Kysely<Schema>): MigrationLedger {
    return new MigrationLedger(db, this.known);
  }

  private async require(names: readonly string[]): Promise<void> {
    const present = await this.db.selectFrom(REQUIRED).select(["name", "timestamp"]).execute();
    // Those versions order them by time, and by name where it is the same.
    const [timestamp = new Date(0).toISOString()] = present
      .map((row) => row.timestamp)
      .sort()
      .reverse();
    const missing = names
      .filter((name) => !present.some((row) => row.name === name))
      .map((name) => ({ name, timestamp }));
    if (missing.length > 0) await this.db.insertInto(REQUIRED).values(missing).execute();
  }

  private async requireOnly(names: readonly string[]): Promise<void> {
    const rest = this.db.deleteFrom(REQUIRED);
    await (names.length === 0 ? rest : rest.where("name", "not in", names)).execute();
  }

  /** Of some migrations, those up to the newest that a version has to know. */
  private upToFloor(names: readonly string[]): readonly string[] {
    const floor = names.findLastIndex((name) => name in this.known && !this.known[name]?.additive);
    return names.slice(0, floor + 1);
  }

  private async names(table: typeof MADE | typeof REQUIRED): Promise<readonly string[]> {
    const rows = await this.db.selectFrom(table).select("name").execute();
    return rows.map(({ name }) => name).sort();
  }

  private async make(table: string): Promise<void> {
    try {
      await this.db.schema
        .createTable(table)
        .ifNotExists()
        .addColumn("name", "varchar(255)", (column) => column.primaryKey())
        .addColumn("timestamp", "varchar(255)", (column) => column.notNull())
        .execute();
    } catch (error) {
      // PostgreSQL may refuse `if not exists` to one of two that make a table at the same time.
      const tables = await this.db.introspection.getTables({ withInternalKyselyTables: true });
      if (!tables.some(({ name }) => name === table)) throw error;
    }
  }
}
