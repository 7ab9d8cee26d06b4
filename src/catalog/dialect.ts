import { type ColumnDataType, type Expression, type RawBuilder, sql } from "kysely";

type DataType = ColumnDataType | Expression<unknown>;

/** What the databases call differently, and no more. */
export interface Dialect {
  /** A text of at most so many characters that is compared by its bytes, so that every database orders ids alike. */
  readonly text: (length: number) => DataType;
  /** Bytes, as many as content may have. */
  readonly bytes: DataType;
  /** What stands after the columns of a new table. */
  readonly tableEnd: RawBuilder<unknown>;
  /** Removes an index of a table, if it is there. */
  readonly dropIndex: (name: string, table: string) => RawBuilder<unknown>;
  /** The database's own clock, in milliseconds since 1970: the one clock that all services on it share. */
  readonly now: RawBuilder<number>;
}

export const sqliteDialect: Dialect = {
  text: (length) => `varchar(${length})`,
  bytes: "blob",
  tableEnd: sql``,
  dropIndex: (name) => sql`drop index if exists ${sql.id(name)}`,
  now: sql`cast(unixepoch('subsec') * 1000 as integer)`,
};

export const postgresqlDialect: Dialect = {
  text: (length) => sql.raw(`varchar(${length}) collate "C"`),
  bytes: "bytea",
  tableEnd: sql``,
  dropIndex: (name) => sql`drop index if exists ${sql.id(name)}`,
  // Not now(): that is the time at which the transaction began.
  now: sql`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
};

export const mariadbDialect: Dialect = {
  text: (length) => `varchar(${length})`,
  bytes: sql`longblob`,
  // Without padding, or `a` and `a ` would be the same name.
  tableEnd: sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_nopad_bin`,
  dropIndex: (name, table) => sql`drop index if exists ${sql.id(name)} on ${sql.id(table)}`,
  now: sql`floor(unix_timestamp(sysdate(3)) * 1000)`,
};
