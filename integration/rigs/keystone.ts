import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { z } from "zod";
import { Child } from "./child.js";
import { freePort } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { suspend } from "./stand-still.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const PASSWORD = "rig-password";

/** Somebody who can log in. */
export interface KeystoneUser {
  readonly id: string;
  readonly name: string;
}

/**
 * A private Keystone from Debian's python3-keystone: SQLite, Fernet keys and a port of its own, served by Keystone's own
 * `keystone-wsgi-public`. Users are made in the domain Default; all have `password`.
 */
export class Keystone implements AsyncDisposable {
  readonly password = PASSWORD;
  private process: Child | undefined;
  private admin = "";

  private constructor(
    private readonly directory: string,
    private readonly host: string,
    private readonly port: number,
    /** Seconds after which a token expires. */
    private readonly expiration: number,
    /** Whether the directory is this one's to remove. */
    private readonly owns: boolean,
  ) {}

  /**
   * Makes a Keystone with its admin, and starts it; it answers when this ends.
   * @param host - the address of this machine at which it listens
   */
  static async start(host = "127.0.0.1"): Promise<Keystone> {
    const directory = await privateDirectory("keystone");
    const keystone = new Keystone(directory, host, await freePort(), 3600, true);
    try {
      await keystone.writeConfig();
      const manage = async (...args: string[]) =>
        await run("keystone-manage", ["--config-file", keystone.config, ...args], { timeout: 120_000 });
      const { uid, gid } = { uid: String(process.getuid?.()), gid: String(process.getgid?.()) };
      await manage("db_sync");
      keystone.letReadersBe();
      await manage("fernet_setup", "--keystone-user", uid, "--keystone-group", gid);
      await manage("bootstrap", "--bootstrap-password", PASSWORD, "--bootstrap-public-url", keystone.url);
      await keystone.serve();
      return keystone;
    } catch (error) {
      await keystone[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Another process of the same Keystone, whose tokens expire after so many seconds. */
  async withExpiration(seconds: number): Promise<Keystone> {
    const other = new Keystone(this.directory, this.host, await freePort(), seconds, false);
    await other.writeConfig();
    await other.serve();
    return other;
  }

  /** As `[keystone_authtoken] auth_url` has it. */
  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  async project(name: string): Promise<string> {
    return await this.make("projects", "project", { name, domain_id: "default" });
  }

  async role(name: string): Promise<string> {
    const body = await this.asAdmin("GET", `/roles?name=${name}`);
    const { roles } = z.object({ roles: z.array(z.object({ id: z.string() })) }).parse(body);
    return roles[0]?.id ?? (await this.make("roles", "role", { name }));
  }

  /** Makes a user with roles in a project. */
  async user(name: string, projectId: string, roles: readonly string[]): Promise<KeystoneUser> {
    const id = await this.make("users", "user", { name, domain_id: "default", password: PASSWORD });
    for (const role of roles) {
      await this.asAdmin("PUT", `/projects/${projectId}/users/${id}/roles/${await this.role(role)}`);
    }
    return { id, name };
  }

  /** Puts a service into the catalog. */
  async endpoint(type: string, url: string): Promise<void> {
    const service_id = await this.make("services", "service", { type, name: type });
    await this.make("endpoints", "endpoint", { service_id, interface: "public", url });
  }

  /** Logs a user in. @param projectId - unset: the token is for no project */
  async token(user: string, projectId?: string): Promise<string> {
    const password = { user: { name: user, domain: { id: "default" }, password: PASSWORD } };
    const scope = projectId === undefined ? {} : { scope: { project: { id: projectId } } };
    const auth = { identity: { methods: ["password"], password }, ...scope };
    const answer = await this.request("POST", "/auth/tokens", {}, { auth });
    const token = answer.headers.get("x-subject-token");
    if (token === null) throw new Error(`Keystone gave no token: ${answer.status} ${await answer.text()}`);
    return token;
  }

  /** Takes a token back. */
  async revoke(token: string): Promise<void> {
    await this.asAdmin("DELETE", "/auth/tokens", undefined, { "x-subject-token": token });
  }

  /** Whether Keystone itself takes the token now. */
  async takes(token: string): Promise<boolean> {
    const headers = { "x-auth-token": this.admin, "x-subject-token": token };
    return (await this.request("GET", "/auth/tokens", headers)).status === 200;
  }

  /** Stops it where it stands: who asks waits, until `resume`. */
  async pause(): Promise<void> {
    if (this.process?.running === true) await suspend(this.process.pid);
  }

  resume(): void {
    this.process?.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process?.stop("SIGKILL");
    if (this.owns) await rm(this.directory, { recursive: true, force: true });
  }

  private get database(): string {
    return join(this.directory, "keystone.sqlite");
  }

  /** Keystone leaves read transactions open behind an answer; in SQLite's own journal mode those would hold up every write. */
  private letReadersBe(): void {
    const database = new DatabaseSync(this.database);
    database.exec("PRAGMA journal_mode = WAL");
    database.close();
  }

  private get config(): string {
    return join(this.directory, `keystone-${this.port}.conf`);
  }

  private async writeConfig(): Promise<void> {
    const lines = [
      ...["[DEFAULT]", "use_stderr = true"],
      ...["[database]", `connection = sqlite:///${this.database}`],
      ...["[token]", `expiration = ${this.expiration}`],
      ...["[fernet_tokens]", `key_repository = ${join(this.directory, "fernet")}`],
      ...["[credential]", `key_repository = ${join(this.directory, "credential")}`],
      // Another process of the same Keystone would not see what this one remembers.
      ...["[cache]", "enabled = false"],
    ];
    await writeFile(this.config, `${lines.join("\n")}\n`, { mode: 0o600 });
  }

  private async serve(): Promise<void> {
    const args = ["/usr/bin/keystone-wsgi-public", "--host", this.host, "--port", String(this.port)];
    const log = join(this.directory, `log-${this.port}`);
    const env = { ...process.env, OS_KEYSTONE_CONFIG_FILES: this.config };
    const child = await Child.start("/usr/bin/python3", args, { log, env });
    this.process = child;
    await until(90_000, "Keystone to log its admin in", async () => {
      child.assertRunning();
      this.admin = await this.adminToken().catch(() => "");
      return this.admin !== "";
    });
  }

  private async adminToken(): Promise<string> {
    const { projects } = z
      .object({ projects: z.array(z.object({ id: z.string() })) })
      .parse(await (await this.request("GET", "/auth/projects", { "x-auth-token": await this.token("admin") })).json());
    return await this.token("admin", projects[0]?.id);
  }

  private async make(collection: string, member: string, values: object): Promise<string> {
    const body = await this.asAdmin("POST", `/${collection}`, { [member]: values });
    return z.object({ [member]: z.object({ id: z.string() }) }).parse(body)[member]?.id ?? "";
  }

  private async asAdmin(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
    const answer = await this.request(method, path, { "x-auth-token": this.admin, ...headers }, body);
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(
        `Keystone: ${method} ${path}: ${answer.status} ${text}; its log ends:\n${this.process?.tail(15)}`,
      );
    }
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    return parsed;
  }

  private async request(method: string, path: string, headers: Record<string, string>, body?: object) {
    return await fetch(`${this.url}/v3${path}`, {
      method,
      headers: { connection: "close", "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
