import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from "kysely";
import type { Schema } from "./schema.js";

/** The statements that were made, by what they do: each kind of database has its own. */
const made = new WeakMap<DialectAdapter, Map<string, CompiledQuery>>();

/**
 * Carries out a statement that is made once: that takes longer than carrying it out.
 * @param name - what stands for the statement: whoever gives the same name builds the same, but for the values
 * @param values - all that the statement holds, in the order in which it holds it, which a TypeError tells where it is not so
 */
export async function keptStatement(
  db: Kysely<Schema>,
  name: string,
  values: readonly unknown[],
  build: () => Compilable,
): Promise<QueryResult<unknown>> {
  const { adapter } = db.getExecutor();
  let known = made.get(adapter);
  if (known === undefined) {
    known = new Map();
    made.set(adapter, known);
  }
  let statement = known.get(name);
  if (statement === undefined) {
    statement = build().compile();
    const { parameters } = statement;
    if (parameters.length !== values.length || parameters.some((value, index) => value !== values[index])) {
      throw new TypeError(`${name} holds more than values, or others`);
    }
    known.set(name, { ...statement, parameters: [] });
  }
  return await db.executeQuery({ ...statement, parameters: values });
}
