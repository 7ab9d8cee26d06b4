import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { promisify } from "node:util";
import { z } from "zod";
import { Api } from "#adapters/ironic/api.js";
import type { Credentials } from "#adapters/ironic/credentials.js";
import { type Exchange, Line } from "#adapters/ironic/line.js";
import { type Certificates, makeCertificates } from "./certificates.js";
import { Child } from "./child.js";
import { DEBIAN, type IronicKind } from "./ironic-kind.js";
import { freePort } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { standStill } from "./stand-still.js";
import { until } from "./wait.js";

const run = promisify(execFile);
const [USER, PASSWORD] = ["configdrive", "the-right-one"];
/** The line of that user in a file of htpasswd(1): Ironic takes bcrypt alone. */
const PASSWORD_LINE = `${USER}:$2b$05$dhtkYLD7SjOt2A/vD7Oop.2n0OzQPWOE/1ABmuepyLnmxvQfVAGRK`;
const CALL_MS = 60_000;
/** Ironic's programs, as Debian's python3-ironic has them: API and conductor in one process, and what makes its database. */
const SERVE = "import sys; from ironic.cmd.singleprocess import main; sys.exit(main())";
const MAKE_DATABASE = "import sys; from ironic.cmd.dbsync import main; sys.exit(main())";

/** How Ironic asks who calls, and who is let in. */
export interface IronicAuth {
  readonly strategy: "noauth" | "http_basic" | "keystone";
  readonly credentials: Credentials;
  /** More of its configuration. */
  readonly lines: readonly string[];
}

/** A user with a password. */
export const BASIC: IronicAuth = {
  strategy: "http_basic",
  credentials: { kind: "basic", user: USER, password: { reveal: () => PASSWORD } },
  lines: [],
};

/** Everybody. */
export const NOAUTH: IronicAuth = { strategy: "noauth", credentials: { kind: "none" }, lines: [] };

const description = z.object({ uuid: z.uuid(), provision_state: z.string(), power_state: z.string().nullable() });

/**
 * A private Ironic, from Debian's packages unless it is told otherwise: API and conductor in one process, SQLite, TLS.
 */
export class Ironic implements AsyncDisposable {
  private process: Child | undefined;
  private readonly api: Api;

  private constructor(
    readonly directory: string,
    readonly certificates: Certificates,
    readonly port: number,
    private readonly auth: IronicAuth,
    private readonly kind: IronicKind,
  ) {
    const patience = { answerMs: CALL_MS, lockMs: CALL_MS };
    this.api = new Api(new Line({ url: this.url, caFile: this.caFile }), auth.credentials, patience);
  }

  /** Makes the database, and starts it; it answers when this ends. */
  static async start(auth: IronicAuth = BASIC): Promise<Ironic> {
    const directory = await privateDirectory("ironic");
    return await Ironic.startIn(directory, await makeCertificates(directory), auth, DEBIAN);
  }

  /** As `start`, in a directory that is its own from now on. */
  static async startIn(
    directory: string,
    certificates: Certificates,
    auth: IronicAuth,
    kind: IronicKind,
  ): Promise<Ironic> {
    const ironic = new Ironic(directory, certificates, await freePort(), auth, kind);
    try {
      await ironic.configure();
      const making = ["-c", MAKE_DATABASE, "--config-file", ironic.config, "create_schema"];
      await run(kind.python, making, { timeout: 240_000, env: ironic.environment });
      ironic.letReadersBe();
      await ironic.serve();
      return ironic;
    } catch (error) {
      await ironic[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where its API is. */
  get url(): string {
    return `https://localhost:${this.port}`;
  }

  /** The certificate of who vouches for it. */
  get caFile(): string {
    return this.certificates.authority;
  }

  get credentials(): Credentials {
    return this.auth.credentials;
  }

  /** The version of Ironic, without a packager's own part. */
  async version(): Promise<string> {
    return await this.kind.version();
  }

  /** Makes a node with an instance that is not deployed yet. */
  async node(): Promise<IronicNode> {
    const made = description.parse(await this.call("POST", "/v1/nodes", { driver: "fake-hardware" }));
    const node = new IronicNode(this, made.uuid, randomUUID());
    await node.provision("manage", "manageable");
    await node.provision("provide", "available");
    await node.change({ op: "add", path: "/instance_uuid", value: node.id });
    return node;
  }

  /** Ends the process as a power cut would, and starts the next one on the same database. */
  async restart(): Promise<void> {
    await this.process?.stop("SIGKILL");
    await this.serve();
  }

  /** Lets it stand still until this is disposed. */
  async hang(): Promise<AsyncDisposable> {
    return await standStill(this.process?.pid ?? 0);
  }

  /** Whatever it keeps for drives: in its database, on nodes' disks, in its folders for files. */
  async kept(): Promise<readonly string[]> {
    const infos = this.query("SELECT uuid, instance_info FROM nodes")
      .filter(({ instance_info }) => instance_info !== null && instance_info !== "{}")
      .map(({ uuid }) => `instance_info of ${uuid}`);
    const disks = (await readdir(this.disks)).map((name) => `disk of ${name}`);
    const files = (await readdir(join(this.directory, "files"))).map((name) => `file ${name}`);
    return [...infos, ...disks, ...files].sort();
  }

  /** What stands in the `instance_info` of a node; the API does not show its config drive. */
  instanceInfo(uuid: string): Readonly<Record<string, unknown>> {
    const [row] = this.query("SELECT instance_info FROM nodes WHERE uuid = ?", uuid);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(String(row?.instance_info ?? "{}")));
  }

  /** Holds a node as a conductor does that works on it, until this is disposed. */
  lock(uuid: string): Disposable {
    this.query("UPDATE nodes SET reservation = 'another-conductor' WHERE uuid = ?", uuid);
    return {
      [Symbol.dispose]: () => void this.query("UPDATE nodes SET reservation = NULL WHERE uuid = ?", uuid),
    };
  }

  /** Lets every deploy be refused, or begin and wait, or begin and fail, until this is disposed. */
  async deploys(how: "refuse" | "wait" | "fail"): Promise<AsyncDisposable> {
    const file = join(this.directory, how);
    await writeFile(file, "");
    return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
  }

  /** How many lines of its log hold all of these texts. */
  async logged(...texts: readonly string[]): Promise<number> {
    const log = (await readFile(join(this.directory, "log"), "utf8")).split("\n");
    return log.filter((line) => texts.every((text) => line.includes(text))).length;
  }

  /** The folder of the nodes' disks. */
  get disks(): string {
    return join(this.directory, "disks");
  }

  /** One call of its API, in the version that the adapter asks for where none is given. */
  async call(method: Exchange["method"], path: string, body?: unknown, version?: string): Promise<unknown> {
    return await this.api.call(method, path, body, AbortSignal.timeout(CALL_MS), version);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close();
    await this.process?.stop("SIGKILL");
    await rm(this.directory, { recursive: true, force: true });
  }

  private get database(): string {
    return join(this.directory, "ironic.sqlite");
  }

  private get config(): string {
    return join(this.directory, "ironic.conf");
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      // Where the deploy interface is found, what it reads, and where its like are remembered.
      PYTHONPATH: resolve("integration/rigs/ironic"),
      PYTHONDONTWRITEBYTECODE: "1",
      RIG_DIRECTORY: this.directory,
      XDG_CACHE_HOME: join(this.directory, "cache"),
    };
  }

  private async configure(): Promise<void> {
    for (const name of ["disks", "files", "state"]) await mkdir(join(this.directory, name));
    const passwords = join(this.directory, "htpasswd");
    await writeFile(passwords, `${PASSWORD_LINE}\n`, { mode: 0o600 });
    const { certificate, key } = this.certificates.server;
    const lines = [
      "[DEFAULT]",
      ...["host = rig", "my_ip = 127.0.0.1", "rpc_transport = none", `auth_strategy = ${this.auth.strategy}`],
      `http_basic_auth_user_file = ${passwords}`,
      ...[`state_path = ${join(this.directory, "state")}`, `tempdir = ${join(this.directory, "files")}`],
      ...["enabled_network_interfaces = noop", "enabled_storage_interfaces = noop"],
      ...this.kind.hardware,
      ...["[api]", "host_ip = 127.0.0.1", `port = ${this.port}`, "api_workers = 1", "enable_ssl_api = true"],
      ...["[ssl]", `cert_file = ${certificate}`, `key_file = ${key}`],
      ...["[database]", `connection = sqlite:///${this.database}`],
      ...["[conductor]", "automated_clean = false", "sync_power_state_interval = 0"],
      ...["[sensor_data]", "send_sensor_data = false"],
      ...this.auth.lines,
      ...this.kind.groups,
    ];
    await writeFile(this.config, `${lines.join("\n")}\n`, { mode: 0o600 });
  }

  /** In SQLite's own journal mode somebody who reads would hold up Ironic's writes. */
  private letReadersBe(): void {
    this.query("PRAGMA journal_mode = WAL");
  }

  private async serve(): Promise<void> {
    this.process = await Child.start(this.kind.python, ["-c", SERVE, "--config-file", this.config], {
      log: join(this.directory, "log"),
      env: this.environment,
      cwd: this.directory,
    });
    const child = this.process;
    let last: unknown;
    const answers = until(120_000, "Ironic to answer", async () => {
      child.assertRunning();
      last = await this.call("GET", "/v1/drivers").catch((error: unknown) => error);
      const known = z.object({ drivers: z.array(z.object({ name: z.string() })) }).safeParse(last);
      return known.success && known.data.drivers.length > 0;
    });
    await answers.catch((error: unknown) => {
      throw new Error(`${error}; last ${last}; its log ends:\n${child.tail()}`);
    });
  }

  private query(statement: string, ...values: readonly string[]): readonly Record<string, SQLOutputValue>[] {
    const database = new DatabaseSync(this.database, { timeout: CALL_MS });
    try {
      return database.prepare(statement).all(...values);
    } finally {
      database.close();
    }
  }
}

/** A node of it, with an instance. */
export class IronicNode implements AsyncDisposable {
  constructor(
    private readonly ironic: Ironic,
    readonly uuid: string,
    /** Its instance's UUID. */
    readonly id: string,
  ) {}

  /** Deploys the node where it is not, then switches it on. */
  async start(): Promise<void> {
    if ((await this.state()) !== "active") await this.provision("active", "active");
    await this.power("power on");
  }

  async power(target: "power on" | "power off"): Promise<void> {
    await this.ironic.call("PUT", `/v1/nodes/${this.uuid}/states/power`, { target });
    await until(CALL_MS, `node ${this.uuid} to ${target}`, async () => (await this.look()).power_state === target);
  }

  /** Has Ironic bring the node into a state, and waits for that. */
  async provision(target: string, state: string): Promise<void> {
    await this.ironic.call("PUT", `/v1/nodes/${this.uuid}/states/provision`, { target });
    await this.comesTo(state);
  }

  /** Waits until the node is in a state. */
  async comesTo(state: string): Promise<void> {
    await until(CALL_MS, `node ${this.uuid} to be ${state}`, async () => (await this.state()) === state);
  }

  async state(): Promise<string> {
    return (await this.look()).provision_state;
  }

  /** Changes its description (JSON Patch). */
  async change(...operations: readonly object[]): Promise<void> {
    await this.ironic.call("PATCH", `/v1/nodes/${this.uuid}`, operations);
  }

  /** The SHA-256 of the config drive on its disk, if there is one: of the file that the deploy wrote, for there is no guest that reads. */
  async disk(): Promise<readonly string[]> {
    const bytes = await readFile(join(this.ironic.disks, this.uuid)).catch(() => undefined);
    return bytes === undefined ? [] : [createHash("sha256").update(bytes).digest("hex")];
  }

  /** Undeploys the node, and removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const state = await this.state();
    if (state !== "available") await this.provision("deleted", "available");
    else await this.change({ op: "remove", path: "/instance_uuid" });
    await this.provision("manage", "manageable");
    await this.ironic.call("DELETE", `/v1/nodes/${this.uuid}`);
  }

  private async look(): Promise<z.infer<typeof description>> {
    return description.parse(await this.ironic.call("GET", `/v1/nodes/${this.uuid}`));
  }
}
