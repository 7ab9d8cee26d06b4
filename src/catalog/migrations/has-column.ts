import type { Kysely } from "kysely";

/** Whether a table has a column: not every database can be told to add one only where it is missing. */
export async function hasColumn<Tables>(
  db: Kysely<Tables>,
  { table, column }: { readonly table: string; readonly column: string },
): Promise<boolean> {
  const found = (await db.introspection.getTables()).find(({ name }) => name === table);
  return found?.columns.some(({ name }) => name === column) ?? false;
}
