import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from "kysely";
import type { Schema } from "./schema.js";

/** What stands for the arguments while a statement is made; no statement holds such a text of its own. */
const FIRST = "{first}";
const SECOND = "{second}";

/**
 * A statement with up to two arguments that is made once for each kind of database and carried out many times: to make one takes longer
 * than to carry it out.
 * @param build - makes the statement; gets something in the place of the arguments, which it must only compare with or write
 */
export function prepared<Row>(
  build: (db: Kysely<Schema>, first: string, second: string) => Compilable<Row>,
): (db: Kysely<Schema>, first?: string, second?: string) => Promise<QueryResult<Row>> {
  const made = new WeakMap<DialectAdapter, CompiledQuery<Row>>();
  return async (db, first, second) => {
    const { adapter } = db.getExecutor();
    let statement = made.get(adapter);
    if (statement === undefined) {
      statement = build(db, FIRST, SECOND).compile();
      made.set(adapter, statement);
    }
    const parameters = statement.parameters.map((value) =>
      value === FIRST ? first : value === SECOND ? second : value,
    );
    return await db.executeQuery({ ...statement, parameters });
  };
}
