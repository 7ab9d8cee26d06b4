import type { CompiledQuery, DialectAdapter, InsertObject, Transaction } from "kysely";
import type { Schema } from "./schema.js";

/** The statements that were made, by table and columns: each SQL has its own. */
const made = new WeakMap<DialectAdapter, Map<string, CompiledQuery>>();

/** Inserts a row that has no expressions. The statement is made once: that takes longer than carrying it out. */
export async function insertRow<Table extends keyof Schema>(
  trx: Transaction<Schema>,
  table: Table,
  row: InsertObject<Schema, Table>,
): Promise<void> {
  const { adapter } = trx.getExecutor();
  let known = made.get(adapter);
  if (known === undefined) {
    known = new Map();
    made.set(adapter, known);
  }
  const key = `${table}(${Object.keys(row).join()})`;
  const parameters = Object.values(row);
  let statement = known.get(key);
  if (statement === undefined) {
    statement = trx.insertInto(table).values(row).compile();
    const { parameters: taken } = statement;
    if (taken.length !== parameters.length || taken.some((value, index) => value !== parameters[index])) {
      throw new TypeError(`a row of ${table} holds more than values`);
    }
    known.set(key, { ...statement, parameters: [] });
  }
  await trx.executeQuery({ ...statement, parameters });
}
