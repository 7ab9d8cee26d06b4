import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { asUser, DatabaseServer, databaseOf, password, type ServerOptions } from "./database-server.js";
import { freePort } from "./ports.js";
import { folderOf, tlsFiles } from "./server-tls.js";

const run = promisify(execFile);
const user = "configdrive";

/**
 * A private MariaDB server from Debian's package: own data, own port on 127.0.0.1. The machine's own server and its
 * configuration are neither used nor touched.
 */
export class Mariadb extends DatabaseServer {
  readonly kind = "mariadb";
  /** Not what the tables need: they must say so themselves. */
  protected override readonly databaseOptions = "character set latin1";

  static start({ synced = false, tls }: ServerOptions = {}): Promise<Mariadb> {
    return DatabaseServer.startIn("mariadb", async (directory) => {
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
        `grant all on *.* to ${login}${tls?.ofClients === true ? " require x509" : ""};`,
      ];
      await writeFile(join(directory, "grants.sql"), `${grants.join("\n")}\n`, { mode: 0o644 });
      const version = /Ver (\S+)/.exec(stdout)?.[1] ?? "unknown";
      return new Mariadb(directory, version, await freePort(), synced, await tlsFiles("mysql", directory, tls));
    });
  }

  protected command(): [program: string, args: string[]] {
    const settings = {
      datadir: join(this.directory, "data"),
      tmpdir: join(this.directory, "data"),
      socket: join(this.directory, "socket"),
      "pid-file": join(this.directory, "pid"),
      "init-file": join(this.directory, "grants.sql"),
      port: this.port,
      // The second address is one that no certificate names.
      "bind-address": "127.0.0.1,127.0.0.2",
      // A server that is killed leaves what it wrote to the kernel.
      "innodb-flush-log-at-trx-commit": this.synced ? 1 : 2,
      "innodb-buffer-pool-size": "64M",
      "performance-schema": "off",
      ...this.tlsSettings(),
    };
    const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    return asUser("mysql", "/usr/sbin/mariadbd", ["--no-defaults", ...args]);
  }

  /** MariaDB Server documentation, "Secure Connections Overview". */
  private tlsSettings(): Readonly<Record<string, string>> {
    if (this.tls === undefined) return {};
    const { authority, certificate, key } = this.tls;
    return { "ssl-ca": authority, "ssl-cert": certificate, "ssl-key": key, "require-secure-transport": "on" };
  }

  protected urlOf(database: string): string {
    return `mysql+pymysql://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}?charset=utf8`;
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

  private async program(name: string, args: readonly string[]): Promise<void> {
    const login = ["--no-defaults", "--host=127.0.0.1", `--port=${this.port}`, `--user=${user}`];
    await run(`/usr/bin/${name}`, [...login, ...args], { env: { ...process.env, MYSQL_PWD: password } });
  }

  protected async administer(statement: string): Promise<void> {
    const login = { host: "127.0.0.1", port: this.port, user, password };
    const connection = await createConnection({ ...login, ...(this.tls && { ssl: this.tls.client }) });
    try {
      await connection.query(statement);
    } finally {
      connection.destroy();
    }
  }
}
