import type { InsertObject, Transaction } from "kysely";
import { keptStatement } from "./kept-statement.js";
import type { Schema } from "./schema.js";

/** Inserts a row that has no expressions. */
export async function insertRow<Table extends keyof Schema>(
  trx: Transaction<Schema>,
  table: Table,
  row: InsertObject<Schema, Table>,
): Promise<void> {
  const name = `a row of ${table} (${Object.keys(row).join()})`;
  await keptStatement(trx, name, Object.values(row), () => trx.insertInto(table).values(row));
}
