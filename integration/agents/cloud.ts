import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, type AgentOptions } from "#integration/rigs/agent.js";
import { CallFailed, type Door } from "#integration/rigs/door.js";
import { type DriveAnswer, driveOf } from "#integration/rigs/drive-answer.js";
import { NetworkHost } from "#integration/rigs/network-host.js";
import { freePort } from "#integration/rigs/ports.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Scope } from "#integration/rigs/scope.js";
import { Service, type ServiceOptions } from "#integration/rigs/service.js";
import { until } from "#integration/rigs/wait.js";

/** A dead connection is noticed within seconds. */
const HEARTBEATS = ["[oslo_messaging_rabbit]", "heartbeat_timeout_threshold = 4"];

/** A broker and two hosts, each in a network of its own and reached by nothing but its link. */
export class Cloud implements AsyncDisposable {
  private constructor(
    private readonly scope: Scope,
    readonly broker: RabbitMq,
    readonly networks: readonly [NetworkHost, NetworkHost],
    private readonly port: number,
  ) {}

  static async open(): Promise<Cloud> {
    const scope = new Scope();
    try {
      const networks = [await scope.own(NetworkHost.make()), await scope.own(NetworkHost.make())] as const;
      const port = await freePort();
      const config = networks.map(({ gateway }, index) => `listeners.tcp.${index + 2} = ${gateway}:${port}`);
      const broker = await scope.own(RabbitMq.start({ config }));
      return new Cloud(scope, broker, networks, port);
    } catch (error) {
      await scope[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An agent on the first or the second host, named `a` and `b`; it ends with the cloud. */
  agent(index: 0 | 1, more: Partial<AgentOptions> = {}): Promise<Agent> {
    return this.scope.own(Agent.start(this.agentOptions(index, more)));
  }

  agentOptions(index: 0 | 1, { config = [], ...more }: Partial<AgentOptions> = {}): AgentOptions {
    const { gateway, within } = this.networks[index];
    const transportUrl = `rabbit://${this.broker.user}:${this.broker.password}@${gateway}:${this.port}/`;
    return { host: ["a", "b"][index] ?? "", transportUrl, within, ...more, config: [...HEARTBEATS, ...config] };
  }

  /** A service; it ends with the cloud. */
  service(host: string, options: ServiceOptions = {}): Promise<Service> {
    const config = [
      "[DEFAULT]",
      "role = service",
      `host = ${host}`,
      "[agent]",
      "report_interval = 0.5",
      "[drives]",
      "reconcile_interval = 1",
      ...HEARTBEATS,
    ];
    const { transportUrl } = this.broker;
    return this.scope.own(Service.start({ transportUrl, ...options, config: [...config, ...(options.config ?? [])] }));
  }

  /** What else is to end with it. */
  own<T extends AsyncDisposable>(starting: Promise<T>): Promise<T> {
    return this.scope.own(starting);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scope[Symbol.asyncDispose]();
  }
}

/** One call about a drive under a request id of its own, unless the arguments bring one. */
export async function change(door: Door, method: string, args: object): Promise<DriveAnswer> {
  return driveOf(await door.call(method, { request_id: randomUUID(), ...args }));
}

export async function get(door: Door, driveId: string): Promise<DriveAnswer> {
  return driveOf(await door.call("get_drive", { drive_id: driveId }));
}

/** A drive of raw bytes, all alike; with an id its next generation, left pending. */
export async function populate(door: Door, fill: number, more: object = {}): Promise<DriveAnswer> {
  const blob = { data: Buffer.alloc(8192, fill).toString("base64") };
  const again = "drive_id" in more ? { when_attached: "WHEN_ATTACHED_STAGE" } : {};
  return await change(door, "populate_volume", { blob, ...again, ...more });
}

/** Which hosts a service knows, and how they are. */
export async function hostStates(door: Door): Promise<Readonly<Record<string, string>>> {
  const { hosts } = await door.call("get_capabilities", {});
  const states: Record<string, string> = {};
  for (const host of Array.isArray(hosts) ? hosts : []) {
    if (typeof host !== "object" || host === null || Array.isArray(host)) continue;
    states[String(host.host)] = String(host.state).replace("HOST_STATE_", "");
  }
  return states;
}

/** Waits until a service sees hosts so. A channel that has seen it die waits before it connects again, and until then refuses calls. */
export async function hostsBecome(door: Door, states: Readonly<Record<string, string>>): Promise<void> {
  await until(40_000, `hosts to be ${JSON.stringify(states)}`, async () => {
    const now = await hostStates(door).catch((error: unknown): Readonly<Record<string, string>> => {
      if (error instanceof CallFailed && error.kind === "UNAVAILABLE") return {};
      throw error;
    });
    return Object.entries(states).every(([host, state]) => now[host] === state);
  });
}

/** Waits until a service that has just begun takes it that every host there is was heard of: before, one may be there that was not. */
export async function hostsAreAll(door: Door): Promise<void> {
  const { id } = await populate(door, 1);
  const args = { drive_id: id, host: "nowhere", instance_id: randomUUID() };
  await until(60_000, "a host that was not heard of to be none", async () => {
    return (await reasonOf(change(door, "attach_drive", args))) === "HOST_UNKNOWN";
  });
  await door.call("delete_drive", { request_id: randomUUID(), drive_id: id });
}

/** Waits until nothing is under way on a drive. */
export async function atRest(door: Door, driveId: string): Promise<DriveAnswer> {
  return await until(40_000, `drive ${driveId} to be at rest`, async () => {
    const drive = await get(door, driveId);
    return /AVAILABLE|IN_USE/.test(drive.state) ? drive : undefined;
  });
}

/** The reason that a call is refused with; `undefined` when it is not. */
export async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof CallFailed) return error.reason;
    throw error;
  }
}

/** The image of a generation, as the service that made it has it. */
export async function madeBy(service: Service, driveId: string, generation: number): Promise<Buffer> {
  return await readFile(join(service.drives, driveId, `${generation}.img`));
}
