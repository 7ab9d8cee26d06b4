import { randomUUID } from "node:crypto";
import { connect } from "amqplib";
import type { RpcMethod } from "#bus/server/endpoint.js";
import type { Broker } from "../rigs/broker.js";
import { until } from "../rigs/wait.js";
import { Load } from "./load.js";
import { Ours } from "./ours.js";
import { Served } from "./served.js";

/** Time limit of each request under load. */
export const TIMEOUT_MS = 3000;
/** How long a call may outlive its limit: what else the process was doing just then. */
const OVERDUE_MS = 500;
/** How soon the service is to be back once the broker is. */
const BACK_WITHIN_MS = 2000;
/** Requests of each sort that must have come through for a run to say anything. */
const ENOUGH = 50;

/** A broker, and how queues are declared on it. */
export interface Ground {
  readonly broker: Broker;
  /**
   * Exchange and topic, the same for many runs: a quorum queue that is younger than five seconds does not survive a power cut of
   * RabbitMQ 4.0, which only then writes down that it has it, and afterwards never elects a leader for it.
   */
  readonly topic: string;
  /** `[oslo_messaging_rabbit]` of server and client. */
  readonly options: Readonly<Record<string, string>>;
}

/** How one run differs from an ordinary one. */
export interface Route {
  /** The broker by another way; straight if not given. */
  readonly through?: string;
  /** Further options. */
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * Runs the fault while requests go to and fro, and then asks whether all promises were kept: no call outlived its limit, no confirmed
 * cast was lost, and calls came through again within two seconds after the broker served a newcomer.
 */
export async function survives(
  { broker, topic, options }: Ground,
  fault: (served: Served, ours: Ours) => Promise<void>,
  { through = broker.transportUrl, more = {} }: Route = {},
): Promise<void> {
  const run = randomUUID();
  const executed = new Set<number>();
  const note = async (args: { run?: unknown; number?: unknown }): Promise<null> => {
    if (args.run === run) executed.add(Number(args.number));
    return null;
  };
  const methods = new Map<string, RpcMethod>([
    ["echo", async (args) => args.value ?? null],
    ["note", { run: note, idempotent: true }],
  ]);
  const names = { exchange: topic, topic };
  const all = { ...options, ...more };
  await using served = await Served.start(through, [{ version: "1.0", methods }], all, { ...names, concurrency: 32 });
  await using ours = Ours.start(through, all);
  const load = new Load(ours.client, names, run, TIMEOUT_MS);
  const came = (): number => load.calls.filter(({ ok }) => ok).length;
  try {
    await until(30_000, "the load to flow", () => came() > ENOUGH && load.confirmed.length > ENOUGH);
    await fault(served, ours);
    await serveNewcomer(broker);
    const back = performance.now();
    await until(30_000, "calls to come through again", () => load.firstSuccessAfter(back) !== undefined);
    expect(load.firstSuccessAfter(back)).toBeLessThan(BACK_WITHIN_MS);
    const before = came();
    await until(30_000, "the load to flow again", () => came() > before + ENOUGH);
  } catch (error) {
    const told = [served.log, ours.log].map(({ lines }) => lines.slice(-10).join("\n"));
    throw new Error(`our server:\n${told[0]}\nour client:\n${told[1]}`, { cause: error });
  } finally {
    await load.stop();
  }
  expect(load.longestOverdueMs).toBeLessThan(OVERDUE_MS);
  const lost = (): number[] => load.confirmed.filter((number) => !executed.has(number));
  await until(30_000, "every confirmed cast to be executed", () => lost().length === 0).catch(() => undefined);
  expect(lost()).toEqual([]);
  expect(served.server.listening).toBe(true);
}

/** Ends when the broker took a message from somebody who came just now, and gave it back: from then on it is there. */
async function serveNewcomer({ transportUrl }: Broker): Promise<void> {
  const url = transportUrl.replace("rabbit://", "amqp://").replace(/\/$/, "/%2F");
  await until(60_000, "the broker to serve a newcomer", () => givesBack(url).catch(() => false));
}

async function givesBack(url: string): Promise<boolean> {
  const connection = await connect(url, { timeout: 5000 });
  try {
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue("", { exclusive: true });
    channel.sendToQueue(queue, Buffer.from("here"));
    return await until(5000, "its message", async () => (await channel.get(queue, { noAck: true })) !== false);
  } finally {
    await connection.close();
  }
}
