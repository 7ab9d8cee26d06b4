import type { Migration } from "kysely/migration";

/** A step from one schema of the catalog to the next, and back. Cut off and begun again it goes on, either way. */
export interface CatalogMigration extends Required<Migration> {
  /**
   * Set where a version that does not know the migration can be started on its tables: it adds tables, indexes, or columns with a
   * default, and this version reads what that one writes. Unset: such a version is refused.
   */
  readonly additive?: true;
}

/** Every migration by its name, in order. */
export type CatalogMigrations = Readonly<Record<string, CatalogMigration>>;
