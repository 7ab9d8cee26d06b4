import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { SqliteAdapter, type SqliteDatabase, SqliteDialect } from "kysely";

/** Most statements that are kept ready: more than the catalog has, less than lists of every length would make. */
const maxPrepared = 200;

interface Prepared {
  readonly statement: StatementSync;
  /** Whether it gives rows. */
  readonly reader: boolean;
}

/** Kysely's SQLite dialect over Node's own SQLite, which Kysely does not know: the few calls it makes, passed on. */
export function nodeSqliteDialect(database: DatabaseSync): SqliteDialect {
  const prepared = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= maxPrepared) prepared.clear();
    const statement = database.prepare(sql);
    const made = { statement, reader: statement.columns().length > 0 };
    prepared.set(sql, made);
    return made;
  };
  const shim: SqliteDatabase = {
    close: () => database.close(),
    prepare: (sql) => {
      const { statement, reader } = prepare(sql);
      return {
        reader,
        all: (parameters) => statement.all(...parameters.map(toInput)),
        run: (parameters) => {
          // SQLite ends a transaction by itself when the disk is full or fails (sqlite.org/lang_transaction.html, 3.2); the
          // rollback that follows would hide that with an error of its own.
          if (sql === "rollback" && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 };
          return statement.run(...parameters.map(toInput));
        },
        iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
      };
    },
  };
  return new TransactionalDialect({ database: shim });
}

/** Tables are made, and changed, within one transaction, which SQLite can and Kysely does not ask of it. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function toInput(value: unknown): SQLInputValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite takes no ${typeof value} as a parameter`);
}
