import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseServer, ServerOptions } from "./database-server.js";
import { Mariadb } from "./mariadb.js";
import { Postgresql } from "./postgresql.js";
import { privateDirectory } from "./private-directory.js";

/** The databases that can carry a catalog. */
export const databaseKinds = ["sqlite", "postgresql", "mariadb"] as const;
export type DatabaseKind = (typeof databaseKinds)[number];

/** Gives empty databases of one kind. */
export interface Databases extends AsyncDisposable {
  readonly kind: DatabaseKind;
  /** Unset for a database that is no server. */
  readonly server?: DatabaseServer;
  /** Makes an empty database, and gives its URL. */
  createDatabase(): Promise<string>;
}

/** Starts what databases of a kind need. */
export async function startDatabases(kind: DatabaseKind, how: ServerOptions = {}): Promise<Databases> {
  if (kind === "sqlite") return await SqliteFiles.make();
  const server = await (kind === "postgresql" ? Postgresql.start(how) : Mariadb.start(how));
  return {
    kind,
    server,
    createDatabase: () => server.createDatabase(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

class SqliteFiles implements Databases {
  readonly kind = "sqlite";
  private count = 0;

  private constructor(private readonly directory: string) {}

  static async make(): Promise<SqliteFiles> {
    return new SqliteFiles(await privateDirectory("sqlite"));
  }

  async createDatabase(): Promise<string> {
    this.count += 1;
    return `sqlite:///${join(this.directory, `${this.count}.sqlite`)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
