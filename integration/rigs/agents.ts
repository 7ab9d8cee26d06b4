import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { AgentLine, type Wire } from "#agent/client/agent-line.js";
import { Agents } from "#agent/client/agents.js";
import { RemoteHosts } from "#agent/client/remote-hosts.js";
import { PROTOCOL_VERSION } from "#agent/protocol.js";
import { type HostReport, reportMessage } from "#agent/report.js";
import { removeCutOffImages } from "#agent/server/cut-off-images.js";
import { deviceHandlers } from "#agent/server/device-handlers.js";
import { agentEndpoint } from "#agent/server/endpoint.js";
import { Fences } from "#agent/server/fences.js";
import { Guard } from "#agent/server/guard.js";
import { imageHandlers } from "#agent/server/image-handlers.js";
import { launchHandlers } from "#agent/server/launch-handlers.js";
import { Transfers } from "#agent/server/transfers.js";
import { CallTimeout, Undeliverable } from "#bus/client/call-errors.js";
import type { Json, JsonObject } from "#bus/json.js";
import type { Endpoint } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { failureOf } from "#bus/wire/failure.js";
import { parseJson, writeJson } from "#bus/wire/json.js";
import { isJsonObject } from "#bus/wire/json-object.js";
import { RemoteError } from "#bus/wire/remote-error.js";
import { CatalogClaim } from "#daemon/catalog-claim.js";
import { ImageDirectory } from "#daemon/image-directory.js";
import { LauncherModel } from "#fake/launcher-model.js";
import { MachineModel } from "#fake/machine-model.js";
import { privateDirectory } from "./private-directory.js";

/** One agent over real image files and machines of a model; it can be killed and started again over what it left. */
export class AgentModel {
  readonly machines = new MachineModel();
  readonly launcher = new LauncherModel(this.machines);
  images: ImageDirectory | undefined;
  endpoint: Endpoint | undefined;
  report: HostReport | undefined;
  #transfers = new Transfers();
  #fences: Fences | undefined;

  constructor(
    readonly host: string,
    readonly directory: string,
    private readonly agents: Agents,
  ) {}

  /** Starts it, and reports. */
  async start(change: Partial<HostReport> = {}): Promise<void> {
    await this.kill();
    this.images = await ImageDirectory.open(this.directory);
    await removeCutOffImages(this.images);
    this.#fences = await Fences.open(join(this.directory, ".fences"), () => new Date());
    this.#transfers = new Transfers();
    const [images, guard, transfers] = [this.images, new Guard(this.#fences), this.#transfers];
    const claim = new CatalogClaim(this.directory);
    this.report = {
      host: this.host,
      agentId: randomUUID(),
      programVersion: "1.0",
      protocolVersion: PROTOCOL_VERSION,
      hypervisor: { name: "model", devices: this.machines.devices },
      intervalMs: 10_000,
      startedAt: new Date(),
      leaving: false,
      launches: true,
      ...change,
    };
    const report = this.report;
    this.endpoint = agentEndpoint(
      {
        ...imageHandlers({ images, guard, transfers, claim }),
        ...deviceHandlers({ images, hypervisor: this.machines, guard }),
        ...launchHandlers({ host: this.host, images, launcher: this.launcher, guard }),
        DescribeHost: async () => ({ report: reportMessage(report) }),
        AskForReport: async () => ({}),
      },
      () => undefined,
    );
    this.agents.heard(report);
  }

  /** It takes its leave, and is no more. */
  async leave(): Promise<void> {
    if (this.report !== undefined) this.agents.heard({ ...this.report, leaving: true });
    await this.kill();
  }

  /** It is no more; what it was writing is cut off. */
  async kill(): Promise<void> {
    this.endpoint = undefined;
    await this.#transfers.close();
    await this.#fences?.[Symbol.asyncDispose]();
    this.#fences = undefined;
  }
}

/**
 * Agents and the line to them without a broker: every request and reply passes through JSON as on the bus, a killed agent is
 * silence, and there is no queue of a host that never was.
 */
export class AgentsModel implements AsyncDisposable {
  readonly #models = new Map<string, AgentModel>();
  /** Milliseconds of the services' clock. */
  at = 1_000_000;
  readonly changes: string[] = [];
  readonly agents = new Agents(
    () => this.at,
    () => new Date(this.at),
    { graceMs: 30_000, returnMs: 20_000 },
    (host, state) => void this.changes.push(`${host} ${state}`),
  );
  readonly wire: Wire = {
    call: (target, method, args, options) => this.#call(target.server ?? "", method, args, options?.signal),
  };
  readonly line = new AgentLine(this.wire, this.agents);
  readonly hosts = new RemoteHosts(this.line, this.agents, "a catalog", randomUUID);
  /** Told before each request reaches its agent, and after it was carried out. */
  before: (method: string, host: string, args: JsonObject) => Promise<void> = async () => undefined;
  after: (method: string, host: string) => Promise<void> = async () => undefined;

  private constructor(private readonly directory: string) {}

  /** Hosts with an agent each. */
  static async open(...hosts: string[]): Promise<AgentsModel> {
    const model = new AgentsModel(await privateDirectory("agents"));
    for (const host of hosts) {
      const agent = new AgentModel(host, join(model.directory, host), model.agents);
      model.#models.set(host, agent);
      await agent.start();
    }
    return model;
  }

  of(host: string): AgentModel {
    const agent = this.#models.get(host);
    if (agent === undefined) throw new Error(`there is no agent model on ${host}`);
    return agent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#models.values()) await agent.kill();
    await rm(this.directory, { recursive: true });
  }

  async #call(host: string, method: string, args: JsonObject, signal = new AbortController().signal): Promise<Json> {
    const agent = this.#models.get(host);
    if (agent === undefined) throw new Undeliverable(host);
    await this.before(method, host, args);
    const body = agent.endpoint?.methods.get(method);
    if (body === undefined || typeof body === "function") throw new CallTimeout(`no sign of life of ${host}`, 6000);
    const sent = parseJson(writeJson(args));
    if (!isJsonObject(sent)) throw new TypeError("arguments are an object");
    try {
      const result = await body.run(sent, { method, version: PROTOCOL_VERSION, context: {}, signal });
      await this.after(method, host);
      return parseJson(writeJson(result));
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
      const { exceptionModule, exceptionClass, message, kwargs } = error;
      throw new RemoteError(failureOf(exceptionModule, exceptionClass, message, kwargs));
    }
  }
}
