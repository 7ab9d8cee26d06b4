import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import { suspend } from "./stand-still.js";
import { until } from "./wait.js";

export interface AgentOptions {
  readonly host: string;
  readonly transportUrl: string;
  /** Lines of the configuration file that say which hypervisor; the `file` one, with folders in `instances`, if not given. */
  readonly hypervisor?: readonly string[];
  /** More lines of the configuration file. */
  readonly config?: readonly string[];
  /** What stands before the program, so that it runs elsewhere. */
  readonly within?: readonly string[];
}

/** An agent as it is installed: `bin/configdrive serve` with `role = agent` in a process of its own. */
export class Agent implements AsyncDisposable {
  private process: Child | undefined;
  private binary = resolve("bin/configdrive");

  private constructor(
    readonly directory: string,
    readonly host: string,
    private readonly within: readonly string[],
  ) {}

  /** Makes its directories and configuration file; nothing runs yet. */
  static async make({ host, transportUrl, hypervisor, config = [], within = [] }: AgentOptions): Promise<Agent> {
    const directory = await privateDirectory("agent");
    const agent = new Agent(directory, host, within);
    await mkdir(agent.instances);
    const lines = [
      ...["[DEFAULT]", "role = agent", `host = ${host}`, `transport_url = ${transportUrl}`],
      ...["[agent]", "report_interval = 0.5"],
      ...["[drives]", `directory = ${agent.drives}`],
      ...(hypervisor ?? ["hypervisor = file", "[file]", `instances = ${agent.instances}`]),
      ...config,
    ];
    await writeFile(join(directory, "agent.conf"), `${lines.join("\n")}\n`, { mode: 0o600 });
    return agent;
  }

  /** Makes an agent and starts it; it listens when this ends. */
  static async start(options: AgentOptions): Promise<Agent> {
    const agent = await Agent.make(options);
    await agent.start();
    return agent;
  }

  /** Where images stand. */
  get drives(): string {
    return join(this.directory, "drives");
  }

  /** Of the `file` hypervisor: a folder for each instance. */
  get instances(): string {
    return join(this.directory, "instances");
  }

  get pid(): number {
    if (this.process === undefined) throw new Error("the agent was not started");
    return this.process.pid;
  }

  get log(): string {
    return join(this.directory, "log");
  }

  /** From the next start on it is another program: another version of the agent. */
  install(program: string): void {
    this.binary = program;
  }

  /** Starts the process, with the same files as before; it listens when this ends. */
  async start(): Promise<void> {
    const process = await this.launch();
    const heard = (await this.logged()).length;
    await until(30_000, `the agent on ${this.host} to listen`, async () => {
      process.assertRunning();
      return (await this.logged()).slice(heard).includes('"event":"ready"');
    });
  }

  /** Starts the process, and does not wait for anything. */
  async launch(): Promise<Child> {
    const [program = "", ...args] = [...this.within, this.binary, "serve", "--config-file"];
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.process = await Child.start(program, [...args, join(this.directory, "agent.conf")], { log: this.log, env });
    return this.process;
  }

  async logged(): Promise<string> {
    return await readFile(this.log, "utf8").catch(() => "");
  }

  /** An instance runs from now on, with nothing in it. */
  async run(instanceId: string): Promise<void> {
    await mkdir(join(this.instances, instanceId));
  }

  /** What an instance sees: bytes by drive. */
  async seenBy(instanceId: string): Promise<Readonly<Record<string, Buffer>>> {
    const folder = join(this.instances, instanceId);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".img") && !name.startsWith("."));
    const seen = names.map(async (name) => [name.replace(/\.img$/, ""), await readFile(join(folder, name))] as const);
    return Object.fromEntries(await Promise.all(seen));
  }

  /** Every image and partial file, as `<drive>/<name>`. */
  async files(): Promise<readonly string[]> {
    const entries = await readdir(this.drives, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files
      .map((path) => path.slice(this.drives.length + 1))
      .filter((path) => !/^\.(catalog|fences)/.test(path))
      .sort();
  }

  /** Stops the process where it stands, until `resume`. */
  async pause(): Promise<void> {
    if (this.process?.running === true) await suspend(this.process.pid);
  }

  resume(): void {
    this.process?.signal("SIGCONT");
  }

  /** Asks the process to end as systemd would, and gives its exit code. */
  async terminate(): Promise<number | string | undefined> {
    await this.process?.stop("SIGTERM", 20_000);
    return this.process?.ending;
  }

  /** Ends the process without a word; its files stay for `start`. */
  async kill(): Promise<void> {
    await this.process?.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process?.stop("SIGTERM", 20_000);
    await rm(this.directory, { recursive: true, force: true });
  }
}
