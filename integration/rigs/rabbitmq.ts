import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { connect } from "amqplib";
import type { Broker } from "./broker.js";
import { type Certificates, makeCertificates } from "./certificates.js";
import { Child } from "./child.js";
import { freePorts } from "./ports.js";
import { privateDirectory } from "./private-directory.js";
import { suspend } from "./stand-still.js";
import { until } from "./wait.js";

const run = promisify(execFile);

/** What a node may have beyond the plain one. */
export interface RabbitMqOptions {
  /** Also listens with TLS, on a port of its own, with certificates made for this node. */
  readonly tls?: boolean;
  /** Lines for rabbitmq.conf, after the rig's own. */
  readonly config?: readonly string[];
  /** An Erlang term for advanced.config. */
  readonly advanced?: string;
  /** Plugins to enable, such as `rabbitmq_management`. */
  readonly plugins?: readonly string[];
}

/**
 * A private RabbitMQ node from Debian's rabbitmq-server package: own data, cookie, log, ports and epmd, all on 127.0.0.1.
 * The system's service is neither used nor touched. Works as root and as an ordinary user, because the server's script is
 * called below Debian's wrapper, which would change to the user `rabbitmq`.
 *
 *     await using broker = await RabbitMq.start();
 *     const connection = await connect(broker.url);
 */
export class RabbitMq implements Broker, AsyncDisposable {
  readonly host = "127.0.0.1";
  private epmd: Child | undefined;
  private node: Child | undefined;

  private constructor(
    /** Holds everything of this node; gone after `stop`. */
    readonly directory: string,
    readonly nodeName: string,
    readonly port: number,
    readonly user: string,
    readonly password: string,
    /** Where TLS listens, and the certificates; only with `tls`. */
    readonly tls: { readonly port: number; readonly certificates: Certificates } | undefined,
    private readonly epmdPort: number,
    private readonly scripts: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes a node and starts it; it accepts connections when this ends. */
  static async start(options: RabbitMqOptions = {}): Promise<RabbitMq> {
    const scripts = await scriptDirectory();
    const directory = await privateDirectory("rabbitmq");
    try {
      const [port = 0, epmdPort = 0, distributionPort = 0, tlsPort = 0] = await freePorts(4);
      const tls = options.tls === true ? { port: tlsPort, certificates: await makeCertificates(directory) } : undefined;
      const nodeName = `configdrive-${port}@localhost`;
      const password = randomBytes(12).toString("hex");
      await writeFiles(directory, options, port, password, tls);
      const env = environment(directory, nodeName, epmdPort, distributionPort);
      const broker = new RabbitMq(directory, nodeName, port, "openstack", password, tls, epmdPort, scripts, env);
      try {
        await broker.start();
      } catch (error) {
        await broker.kill();
        throw error;
      }
      return broker;
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Of RabbitMQ. */
  get version(): string {
    return basename(dirname(this.scripts)).replace("rabbitmq_server-", "");
  }

  /** `amqp://…` for amqplib, virtual host `/`. */
  get url(): string {
    return `amqp://${this.user}:${this.password}@${this.host}:${this.port}/%2F`;
  }

  /** `rabbit://…` for oslo.messaging's `transport_url`, virtual host `/`. */
  get transportUrl(): string {
    return `rabbit://${this.user}:${this.password}@${this.host}:${this.port}/`;
  }

  /** What the node printed so far: its log. */
  get log(): string {
    return join(this.directory, "rabbitmq.log");
  }

  /** Starts the node again with the same data, ports and users after `shutdown` or `kill`; ends when it accepts connections. */
  async start(): Promise<void> {
    const env = this.env;
    const log = this.log;
    if (this.epmd?.running !== true) {
      const args = ["-port", String(this.epmdPort), "-address", this.host];
      this.epmd = await Child.start("epmd", args, { env, log: join(this.directory, "epmd.log") });
    }
    const node = await Child.start(join(this.scripts, "rabbitmq-server"), [], { env, log, cwd: this.directory });
    this.node = node;
    await until(90_000, "RabbitMQ to accept a connection", async () => {
      node.assertRunning(80);
      return this.accepts();
    });
  }

  /** Ends the node in good order, as its operator would: clients get CONNECTION_FORCED. The data stays for `start`. */
  async shutdown(): Promise<void> {
    await this.node?.stop("SIGTERM", 30_000);
  }

  /** Ends the node without a word, as a power cut would: what it had not written yet is lost, the rest stays for `start`. */
  async kill(): Promise<void> {
    await this.node?.stop("SIGKILL");
    await this.epmd?.stop("SIGKILL");
  }

  /** Stops the node where it stands, as a hypervisor does with a paused machine: its peers hear nothing until `resume`. */
  async pause(): Promise<void> {
    if (this.node?.running === true) await suspend(this.node.pid);
  }

  async resume(): Promise<void> {
    this.node?.signal("SIGCONT");
  }

  async restart(): Promise<void> {
    await this.shutdown();
    await this.start();
  }

  /** Runs rabbitmqctl against this node and gives what it printed; throws with its error output when it fails. */
  async rabbitmqctl(...args: string[]): Promise<string> {
    const result = await run(join(this.scripts, "rabbitmqctl"), ["--quiet", ...args], {
      env: this.env,
      cwd: this.directory,
      timeout: 60_000,
      maxBuffer: 64 << 20,
    });
    return result.stdout;
  }

  /** Kills the node (its data is thrown away, so there is nothing to save), its epmd, and removes its directory. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async accepts(): Promise<boolean> {
    try {
      const connection = await connect(this.url, { timeout: 5_000 });
      await connection.close();
      return true;
    } catch {
      return false;
    }
  }
}

/** The server's own scripts, below Debian's wrapper: `/usr/lib/rabbitmq/lib/rabbitmq_server-<version>/sbin`. */
async function scriptDirectory(): Promise<string> {
  const root = "/usr/lib/rabbitmq/lib";
  const versions = await readdir(root).catch(() => []);
  const newest = versions
    .filter((name) => name.startsWith("rabbitmq_server-"))
    .sort()
    .at(-1);
  if (newest === undefined) throw new Error(`no RabbitMQ below ${root}: install Debian's package rabbitmq-server`);
  return join(root, newest, "sbin");
}

async function writeFiles(
  directory: string,
  options: RabbitMqOptions,
  port: number,
  password: string,
  tls: RabbitMq["tls"],
): Promise<void> {
  const config = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "default_user = openstack",
    `default_pass = ${password}`,
    "default_user_tags.administrator = true",
    "disk_free_limit.absolute = 1MB",
    ...(tls === undefined
      ? []
      : [
          `listeners.ssl.1 = 127.0.0.1:${tls.port}`,
          `ssl_options.cacertfile = ${tls.certificates.authority}`,
          `ssl_options.certfile = ${tls.certificates.server.certificate}`,
          `ssl_options.keyfile = ${tls.certificates.server.key}`,
        ]),
    ...(options.config ?? []),
  ];
  const home = join(directory, "home");
  await mkdir(home);
  await writeFile(join(home, ".erlang.cookie"), randomBytes(16).toString("hex"), { mode: 0o400 });
  await writeFile(join(directory, "rabbitmq.conf"), `${config.join("\n")}\n`, { mode: 0o600 });
  if (options.advanced !== undefined) await writeFile(join(directory, "advanced.config"), options.advanced);
  await writeFile(join(directory, "plugins"), `[${(options.plugins ?? []).join(",")}].\n`);
  // Named so that the machine's own /etc/rabbitmq/rabbitmq-env.conf is not read.
  await writeFile(join(directory, "env.conf"), "");
}

/** RabbitMQ's own variables (its environment-variables page), so that every path and port is this node's. */
function environment(
  directory: string,
  nodeName: string,
  epmdPort: number,
  distributionPort: number,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(RABBITMQ_|ERL_|NODE_)/.test(name));
  return {
    ...Object.fromEntries(inherited),
    LANG: "C.UTF-8",
    HOME: join(directory, "home"),
    ERL_CRASH_DUMP_BYTES: "0",
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_EPMD_PORT: String(epmdPort),
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_CONF_ENV_FILE: join(directory, "env.conf"),
    RABBITMQ_CONFIG_FILE: join(directory, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(directory, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, "plugins"),
    RABBITMQ_GENERATED_CONFIG_DIR: join(directory, "generated"),
    RABBITMQ_MNESIA_BASE: join(directory, "data"),
    RABBITMQ_LOG_BASE: directory,
    RABBITMQ_LOGS: "-",
    RABBITMQ_LOG: "info,-color",
    RABBITMQ_PID_FILE: join(directory, "pid"),
    RABBITMQ_DIST_PORT: String(distributionPort),
    RABBITMQ_CTL_DIST_PORT_MIN: "20000",
    RABBITMQ_CTL_DIST_PORT_MAX: "29999",
    // The script then becomes the Erlang machine (exec) in place of watching over it: one process to signal.
    RABBITMQ_ALLOW_INPUT: "true",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-noinput +B i +S 2:2 -kernel inet_dist_use_interface {127,0,0,1}",
  };
}
