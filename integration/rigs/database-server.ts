import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import type { ServerTls, TlsFiles } from "./server-tls.js";
import { suspend } from "./stand-still.js";
import { until } from "./wait.js";

/** How a server is started. */
export interface ServerOptions {
  /** Each commit is on disk before it is answered; default false, as only a benchmark needs it. */
  readonly synced?: boolean;
  /** Nothing but TLS is taken; default: no TLS. */
  readonly tls?: ServerTls;
}

/** A private server of a database, of which a test takes a database of its own. */
export abstract class DatabaseServer implements AsyncDisposable {
  abstract readonly kind: "postgresql" | "mariadb";
  protected server: Child | undefined;

  protected constructor(
    readonly directory: string,
    /** Of the server. */
    readonly version: string,
    readonly port: number,
    /** Each commit is on disk before it is answered. Power is not cut here, and a kill loses nothing either way. */
    protected readonly synced: boolean,
    protected readonly tls: TlsFiles | undefined,
  ) {}

  /** Makes a server in a folder of its own and starts it; nothing is left when that fails. */
  protected static async startIn<T extends DatabaseServer>(
    kind: T["kind"],
    make: (directory: string) => Promise<T>,
  ): Promise<T> {
    const directory = await privateDirectory(kind);
    let server: T | undefined;
    try {
      server = await make(directory);
      await server.start();
      return server;
    } catch (error) {
      await server?.kill();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** What runs the server. */
  protected abstract command(): [program: string, args: string[]];
  /** Has one statement done with all rights. */
  protected abstract administer(statement: string): Promise<void>;
  /** What follows the name of a database where it is made. */
  protected readonly databaseOptions: string = "";
  protected abstract urlOf(database: string): string;

  /** Starts the server, also again after `shutdown` or `kill`; it accepts connections when this ends. */
  async start(): Promise<void> {
    const [program, args] = this.command();
    const server = await Child.start(program, args, { log: join(this.directory, "log"), cwd: "/" });
    this.server = server;
    await until(60_000, `${this.kind} to accept a connection`, async () => {
      server.assertRunning();
      return await this.administer("select 1").then(
        () => true,
        () => false,
      );
    });
  }

  /** Makes an empty database, and gives its URL as `[catalog] connection` takes it. */
  async createDatabase(): Promise<string> {
    const name = `catalog_${randomBytes(6).toString("hex")}`;
    await this.administer(`create database ${name} ${this.databaseOptions}`);
    return this.urlOf(name);
  }

  /** Writes a database, by its URL, into a file with the server's own program, as an operator does. */
  abstract dump(url: string, file: string): Promise<void>;
  /** Makes a database out of such a file, and gives its URL. */
  abstract restore(file: string): Promise<string>;
  /** Ends the server in good order; its data stays for `start`. */
  abstract shutdown(): Promise<void>;
  /** Ends the server without a word; what was committed stays for `start`. */
  abstract kill(): Promise<void>;

  /** Stops the server where it stands: its clients hear nothing until `resume`. */
  async pause(): Promise<void> {
    if (this.server?.running === true) await suspend(this.server.pid);
  }

  resume(): void {
    this.server?.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Needs quoting everywhere that a password goes, so that whoever forgets it is found out. */
export const password = "p@ss/w:r d?#%'\"$";

/** The name of the database in a URL that `createDatabase` gave. */
export function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/**
 * How a program is run as the server's own user. Root's rights are given up for good, because a server refuses root or hands
 * files to its user; an ordinary user runs it as it is. The kernel forgets whose death a process wants to share when its user
 * changes (prctl(2), PR_SET_PDEATHSIG), so that is said again.
 */
export function asUser(user: string, program: string, args: readonly string[]): [program: string, args: string[]] {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const change = [`--reuid=${user}`, `--regid=${user}`, "--init-groups", "--pdeathsig=KILL"];
  return ["setpriv", [...change, "--", program, ...args]];
}
