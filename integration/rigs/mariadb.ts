import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { Child } from "./child.js";
import { asUser, type DatabaseServer, databaseOf, folderOf, password } from "./database-server.js";
import { freePort } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const user = "configdrive";

/**
 * A private MariaDB server from Debian's package: own data, own port on 127.0.0.1. The machine's own server and its
 * configuration are neither used nor touched.
 */
export class Mariadb implements DatabaseServer {
  readonly kind = "mariadb";
  private server: Child | undefined;

  private constructor(
    readonly directory: string,
    readonly version: string,
    readonly port: number,
  ) {}

  static async start(): Promise<Mariadb> {
    const directory = await privateDirectory("mariadb");
    try {
      await folderOf("mysql", directory);
      const { stdout } = await run("/usr/sbin/mariadbd", ["--no-defaults", "--version"]);
      const data = join(directory, "data");
      await folderOf("mysql", data);
      // Temporary tables are named after the process id, which another rig's server may have in a namespace of its own.
      const own = [`--datadir=${data}`, `--tmpdir=${data}`];
      const args = ["--no-defaults", ...own, "--skip-test-db", "--auth-root-authentication-method=normal"];
      await run(...asUser("mysql", "/usr/bin/mariadb-install-db", args), { cwd: "/" });
      const login = `${user}@'127.0.0.1'`;
      const grants = [
        `create user if not exists ${login} identified by '${password.replaceAll("'", "''")}';`,
        `grant all on *.* to ${login};`,
      ];
      await writeFile(join(directory, "grants.sql"), `${grants.join("\n")}\n`, { mode: 0o644 });
      const started = new Mariadb(directory, /Ver (\S+)/.exec(stdout)?.[1] ?? "unknown", await freePort());
      await started.start();
      return started;
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async start(): Promise<void> {
    const settings = {
      datadir: join(this.directory, "data"),
      tmpdir: join(this.directory, "data"),
      socket: join(this.directory, "socket"),
      "pid-file": join(this.directory, "pid"),
      "init-file": join(this.directory, "grants.sql"),
      port: this.port,
      "bind-address": "127.0.0.1",
      // Power is not cut here; a server that is killed leaves what it wrote to the kernel.
      "innodb-flush-log-at-trx-commit": 2,
      "innodb-buffer-pool-size": "64M",
      "performance-schema": "off",
    };
    const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const [program, all] = asUser("mysql", "/usr/sbin/mariadbd", ["--no-defaults", ...args]);
    const server = await Child.start(program, all, { log: join(this.directory, "log"), cwd: "/" });
    this.server = server;
    await until(60_000, "MariaDB to accept a connection", async () => {
      server.assertRunning();
      return await this.administer("select 1").then(
        () => true,
        () => false,
      );
    });
  }

  async createDatabase(): Promise<string> {
    const name = `catalog_${randomBytes(6).toString("hex")}`;
    // Not what the tables need: they must say so themselves.
    await this.administer(`create database ${name} character set latin1`);
    return `mysql+pymysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${name}?charset=utf8`;
  }

  async dump(url: string, file: string): Promise<void> {
    await this.program("mariadb-dump", ["--single-transaction", `--result-file=${file}`, databaseOf(url)]);
  }

  async restore(file: string): Promise<string> {
    const url = await this.createDatabase();
    await this.program("mariadb", [databaseOf(url), `--execute=source ${file}`]);
    return url;
  }

  async shutdown(): Promise<void> {
    await this.server?.stop("SIGTERM", 30_000);
  }

  async kill(): Promise<void> {
    await this.server?.stop("SIGKILL");
  }

  pause(): void {
    this.server?.signal("SIGSTOP");
  }

  resume(): void {
    this.server?.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private async program(name: string, args: readonly string[]): Promise<void> {
    const login = ["--no-defaults", "--host=127.0.0.1", `--port=${this.port}`, `--user=${user}`];
    await run(`/usr/bin/${name}`, [...login, ...args], { env: { ...process.env, MYSQL_PWD: password } });
  }

  private async administer(statement: string): Promise<void> {
    const connection = await createConnection({ host: "127.0.0.1", port: this.port, user, password });
    try {
      await connection.query(statement);
    } finally {
      connection.destroy();
    }
  }
}
