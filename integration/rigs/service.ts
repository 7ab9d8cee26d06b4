import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { protoPath } from "grpc-health-check";
import protobuf from "protobufjs";
import { z } from "zod";
import { Child } from "./child.js";
import { grpcCall } from "./grpc-call.js";
import type { LineChannel } from "./lines.js";
import { privateDirectory } from "./private-directory.js";
import { suspend } from "./stand-still.js";
import { until } from "./wait.js";

export interface ServiceOptions {
  /** Of the bus; without it gRPC is the only door. */
  readonly transportUrl?: string;
  /** `[grpc] listen`; a unix socket in the service's directory if not given. */
  readonly listen?: string;
  /** `[qemu] qmp_socket`; `<instance id>.sock` in the service's `sockets` if not given. */
  readonly qmpSocket?: string;
  /** `[catalog] connection`; an SQLite file in the service's directory if not given. */
  readonly connection?: string;
  /** Of the `file` hypervisor: the folder of its instances; QEMU if not given. */
  readonly instances?: string;
  /** More lines of the configuration file. */
  readonly config?: readonly string[];
  /** What each process of the service loads before anything else; unset: nothing. */
  readonly preload?: Preload;
}

/** A module in the service's process that speaks with a rig over the standard input and output, which the service leaves alone. */
export interface Preload {
  /** Its `file:` URL. */
  readonly module: string;
  /** Gets the rig's side when a process is to begin. */
  readonly started: (lines: LineChannel) => void;
}

/**
 * The service as it is installed: `bin/configdrive serve` in a process of its own, with a catalog, a drives directory and
 * a folder for guests' QMP sockets of its own.
 */
export class Service implements AsyncDisposable {
  private process: Child | undefined;
  private spare: Promise<Child> | undefined;
  private program = resolve("bin/configdrive");

  private constructor(
    /** Holds everything of this service; gone after `remove`. */
    readonly directory: string,
    /** Where gRPC is served, as grpc-js takes it. */
    readonly address: string,
    private readonly preload: Preload | undefined,
  ) {}

  /** Makes the directories and the configuration file; nothing runs yet. */
  static async make(options: ServiceOptions): Promise<Service> {
    const directory = await privateDirectory("service");
    const address = options.listen ?? `unix:${join(directory, "grpc.sock")}`;
    const service = new Service(directory, address, options.preload);
    await mkdir(service.sockets);
    await mkdir(service.drives);
    const lines = [
      "[DEFAULT]",
      "host = compute-1",
      ...(options.transportUrl === undefined ? [] : [`transport_url = ${options.transportUrl}`]),
      ...["[grpc]", `listen = ${address}`],
      ...["[catalog]", `connection = ${options.connection ?? `sqlite:///${service.catalog}`}`],
      ...["[drives]", `directory = ${service.drives}`],
      ...(options.instances === undefined ? [] : ["hypervisor = file", "[file]", `instances = ${options.instances}`]),
      ...["[qemu]", `qmp_socket = ${options.qmpSocket ?? join(service.sockets, "{instance_id}.sock")}`],
      ...(options.config ?? []),
    ];
    await writeFile(service.configFile, `${lines.join("\n")}\n`, { mode: 0o600 });
    return service;
  }

  /** Makes a service and starts it; both doors are open when this ends. */
  static async start(options: ServiceOptions): Promise<Service> {
    const service = await Service.make(options);
    try {
      await service.start();
      if (options.transportUrl !== undefined) await service.healthy("configdrive.bus");
      return service;
    } catch (error) {
      const log = service.process?.tail(10) ?? "";
      await service.stop();
      throw new Error(`${error instanceof Error ? error.message : error}; the service's log ends:\n${log}`, {
        cause: error,
      });
    }
  }

  get configFile(): string {
    return join(this.directory, "configdrive.conf");
  }

  get catalog(): string {
    return join(this.directory, "catalog.sqlite");
  }

  /** Where images stand. */
  get drives(): string {
    return join(this.directory, "drives");
  }

  /** Where guests' QMP sockets belong: `<sockets>/<instance id>.sock`. */
  get sockets(): string {
    return join(this.directory, "qmp");
  }

  get log(): string {
    return join(this.directory, "log");
  }

  get pid(): number {
    return this.running().pid;
  }

  /** Whether its process runs. */
  get alive(): boolean {
    return this.process?.running ?? false;
  }

  /** From the next start on it is another program: another version of the service. */
  install(program: string): void {
    this.program = program;
  }

  /** Starts the process, with the same catalog and drives as before; gRPC is served when this ends. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<void> {
    const process = await (this.spare ?? this.launch(env));
    this.spare = undefined;
    this.process = process;
    this.preload?.started(process.lines);
    await this.healthy("");
  }

  /**
   * Has a process ready for the next `start`: it loads the program meanwhile, and waits before it reads its configuration. Only with a
   * `preload` that has it wait there (`stepping.ts`).
   */
  prepare(): void {
    this.spare ??= this.launch({});
    // Whoever starts it hears of it.
    this.spare.catch(() => undefined);
  }

  private launch(env: NodeJS.ProcessEnv): Promise<Child> {
    const { preload } = this;
    return Child.start(this.program, ["serve", "--config-file", this.configFile], {
      log: this.log,
      env: {
        ...withoutNodeOptions(),
        ...(preload === undefined ? {} : { NODE_OPTIONS: `--import=${preload.module}` }),
        ...env,
      },
      piped: preload !== undefined,
    });
  }

  /** Waits until a health service of the service says SERVING, as the gRPC health protocol has it; `""` is the whole. */
  async healthy(name: string, deadlineMs = 60_000): Promise<void> {
    await until(deadlineMs, `health of "${name}" to be SERVING`, async () => {
      this.running().assertRunning();
      return (await this.health(name)) === "SERVING";
    });
  }

  /** What a health service says now: SERVING, NOT_SERVING, … or the error's name where it cannot be asked. */
  async health(name: string): Promise<string> {
    const client = new Client(this.address, credentials.createInsecure());
    try {
      const { status } = await grpcCall(client, healthService(), "Check", { service: name }, { deadlineMs: 5_000 });
      return String(status);
    } catch (error) {
      return String(error);
    } finally {
      client.close();
    }
  }

  /** The log so far, one JSON object a line. */
  async logged(): Promise<string> {
    return readFile(this.log, "utf8");
  }

  /** The paths below the drives directory that name a drive. */
  async filesOfDrive(driveId: string): Promise<string[]> {
    const paths = await readdir(this.drives, { recursive: true });
    return paths.filter((path) => path.includes(driveId));
  }

  /** Asks the process to end as systemd would, and gives its exit code. Catalog, drives and configuration stay for `start`. */
  async terminate(): Promise<number | string | undefined> {
    await this.running().stop("SIGTERM", 20_000);
    return this.running().ending;
  }

  /** Stops the process where it stands, until `resume`. */
  async pause(): Promise<void> {
    await suspend(this.running().pid);
  }

  resume(): void {
    this.running().signal("SIGCONT");
  }

  /** Has the process read its configuration again. */
  hangUp(): void {
    this.running().signal("SIGHUP");
  }

  /** The lines of the log so far with this event. */
  async events(event: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const lines = (await this.logged()).split("\n").filter((line) => line.includes(`"event":"${event}"`));
    return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
  }

  /** Ends the process without a word. Catalog, drives and configuration stay for `start`. */
  async kill(): Promise<void> {
    await this.running().stop("SIGKILL");
  }

  /** Ends the process and removes everything. */
  async stop(): Promise<void> {
    const spare = await this.spare?.catch(() => undefined);
    await spare?.stop("SIGKILL");
    await this.process?.stop("SIGTERM", 20_000);
    await rm(this.directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  private running(): Child {
    if (this.process === undefined) throw new Error("the service was not started");
    return this.process;
  }
}

/** jest's own options are no business of the service. */
function withoutNodeOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...rest } = process.env;
  return rest;
}

function healthService(): protobuf.Service {
  return protobuf.loadSync(protoPath).lookupService("grpc.health.v1.Health");
}
