import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { asUser, DatabaseServer, databaseOf, password, type ServerOptions } from "./database-server.js";
import { freePort } from "./ports.js";
import { folderOf, type ServerTls, type TlsFiles, tlsFiles } from "./server-tls.js";
import { suspend } from "./stand-still.js";

const run = promisify(execFile);
const user = "configdrive";

/**
 * A private PostgreSQL server from Debian's package, whichever version it has: own data, own port on 127.0.0.1. The clusters
 * of the machine are neither used nor touched, for the server's program is started below Debian's wrappers.
 */
export class Postgresql extends DatabaseServer {
  readonly kind = "postgresql";

  private constructor(
    directory: string,
    version: string,
    port: number,
    synced: boolean,
    tls: TlsFiles | undefined,
    private readonly programs: string,
  ) {
    super(directory, version, port, synced, tls);
  }

  static async start({ synced = false, tls }: ServerOptions = {}): Promise<Postgresql> {
    const { version, programs } = await newestVersion();
    return await DatabaseServer.startIn("postgresql", async (directory) => {
      await folderOf("postgres", directory);
      const secret = join(directory, "password");
      await writeFile(secret, password, { mode: 0o644 });
      const made = ["--auth=scram-sha-256", `--username=${user}`, `--pwfile=${secret}`, "--no-sync", "--encoding=UTF8"];
      // A locale in which order is not that of the bytes, as most databases have one.
      const args = [...made, "--locale=C.UTF-8", "-D", join(directory, "data")];
      await run(...asUser("postgres", join(programs, "initdb"), args), { cwd: "/" });
      return new Postgresql(directory, version, await freePort(), synced, await tlsOnly(directory, tls), programs);
    });
  }

  protected command(): [program: string, args: string[]] {
    const settings = {
      port: this.port,
      // The second address is one that no certificate names.
      listen_addresses: "127.0.0.1,127.0.0.2",
      unix_socket_directories: "",
      // A server that is killed leaves what it wrote to the kernel.
      fsync: this.synced ? "on" : "off",
      ...this.tlsSettings(),
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return asUser("postgres", join(this.programs, "postgres"), ["-D", join(this.directory, "data"), ...args]);
  }

  /** PostgreSQL manual, "Secure TCP/IP Connections with SSL". */
  private tlsSettings(): Readonly<Record<string, string>> {
    if (this.tls === undefined) return {};
    const { authority, certificate, key } = this.tls;
    const files = { ssl_ca_file: authority, ssl_cert_file: certificate, ssl_key_file: key };
    return { ssl: "on", ...files, hba_file: accessFile(this.directory) };
  }

  protected urlOf(database: string): string {
    const login = `${user}:${encodeURIComponent(password)}`;
    return `postgresql+psycopg2://${login}@127.0.0.1:${this.port}/${database}?sslmode=disable`;
  }

  async dump(url: string, file: string): Promise<void> {
    await this.program("pg_dump", ["--format=custom", `--file=${file}`, databaseOf(url)]);
  }

  async restore(file: string): Promise<string> {
    const url = await this.createDatabase();
    await this.program("pg_restore", ["--exit-on-error", `--dbname=${databaseOf(url)}`, file]);
    return url;
  }

  /** Fast shutdown (PostgreSQL manual, "Shutting Down the Server"): sessions are ended. */
  async shutdown(): Promise<void> {
    await this.server?.stop("SIGINT", 30_000);
  }

  /** Immediate shutdown: nothing is saved, and the next start recovers from the log as after a crash. */
  async kill(): Promise<void> {
    this.resume();
    await this.server?.stop("SIGQUIT", 30_000);
  }

  /** Each session has a process of its own: all of them stand still, the one that would start more of them first. */
  override async pause(): Promise<void> {
    await super.pause();
    await Promise.all(this.sessions().map(suspend));
  }

  override resume(): void {
    for (const pid of this.sessions()) process.kill(pid, "SIGCONT");
    super.resume();
  }

  private sessions(): number[] {
    if (this.server?.running !== true) return [];
    const { pid } = this.server;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  }

  private async program(name: string, args: readonly string[]): Promise<void> {
    const login = ["--host=127.0.0.1", `--port=${this.port}`, `--username=${user}`];
    const env = { ...process.env, PGPASSWORD: password };
    await run(join(this.programs, name), [...login, ...args], { env });
  }

  protected async administer(statement: string): Promise<void> {
    const login = { host: "127.0.0.1", port: this.port, user, password, database: "postgres" };
    const client = new Client({ ...login, ...(this.tls && { ssl: this.tls.client }) });
    client.on("error", () => undefined);
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

/** Certificates, and who is let in: nobody without TLS. */
async function tlsOnly(directory: string, tls: ServerTls | undefined): Promise<TlsFiles | undefined> {
  const files = await tlsFiles("postgres", directory, tls);
  if (files === undefined) return undefined;
  const who = files.ofClients ? " clientcert=verify-ca" : "";
  await writeFile(accessFile(directory), `hostssl all all 127.0.0.0/8 scram-sha-256${who}\n`, { mode: 0o644 });
  return files;
}

function accessFile(directory: string): string {
  return join(directory, "pg_hba.conf");
}

async function newestVersion(): Promise<{ version: string; programs: string }> {
  const root = "/usr/lib/postgresql";
  const versions = await readdir(root).catch(() => []);
  const version = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  if (version === undefined) throw new Error(`no PostgreSQL below ${root}: install Debian's package postgresql`);
  return { version, programs: join(root, version, "bin") };
}
