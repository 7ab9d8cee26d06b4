import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Contestant, processorTimeUs } from "./contestant.js";
import { Driver, type Request } from "./driver.js";
import { type Measured, report } from "./report.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Rounds: `ROUNDS=0.2` for a fifth of them. */
const ROUNDS = Math.max(1, Math.round(5 * Number(process.env.ROUNDS ?? 1)));
const RUN_MS = 2000;
/** A service runs for long: its code is compiled. */
const WARM_UP_MS = 4000;

/** The argument that goes to and fro: a word, and what the description of a volume list looks like. */
const payloads: Record<string, unknown> = {
  "small (0.6 kB)": "hello",
  "large (13 kB)": Array.from({ length: 88 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    name: `volume-${index}`,
    size: index,
    tags: ["a", "b"],
    bootable: index % 2 === 0,
  })),
};
const inFlights = [1, 8, 64];

await using broker = await RabbitMq.start();
const brokerPid = Number(await broker.rabbitmqctl("eval", "list_to_integer(os:getpid())."));
await using python = await Contestant.start("oslo.messaging, threading", "threading", "/usr/bin/python3", [
  join(ROOT, "bench/bus/server.py"),
  "threading",
  broker.transportUrl,
  "threading",
]);
await using eventlet = await Contestant.start("oslo.messaging, eventlet", "eventlet", "/usr/bin/python3", [
  join(ROOT, "bench/bus/server.py"),
  "eventlet",
  broker.transportUrl,
  "eventlet",
]);
await using ours = await Contestant.start("configdrive-bridge", "ours", process.execPath, [
  fileURLToPath(new URL("our-server.js", import.meta.url)),
  broker.transportUrl,
  "ours",
]);
await using opaque = await Contestant.start("opaque echo (amqplib)", "opaque", process.execPath, [
  fileURLToPath(new URL("opaque-echo.js", import.meta.url)),
  broker.url,
  "opaque",
]);
await using driver = await Driver.start(broker.url);

const contestants = [python, eventlet, ours, opaque];
const measured: Measured[] = [];
for (const contestant of contestants) {
  for (const value of Object.values(payloads)) await driver.run(echo(contestant, value), 64, WARM_UP_MS);
}
for (const [payload, value] of Object.entries(payloads)) {
  for (const inFlight of inFlights) {
    for (let round = 0; round < ROUNDS; round += 1) {
      // Another one first in each round, so that what slows the machine down slows all alike.
      for (let turn = 0; turn < contestants.length; turn += 1) {
        await measure(contestants[(turn + round) % contestants.length]!, payload, value, inFlight);
      }
    }
  }
}
const results = join(ROOT, "bench/results");
mkdirSync(results, { recursive: true });
writeFileSync(join(results, "bus.json"), `${JSON.stringify(measured)}\n`);
process.exitCode = report(measured) ? 0 : 1;

async function measure(contestant: Contestant, payload: string, value: unknown, inFlight: number): Promise<void> {
  const [server, rabbit] = [processorTimeUs(contestant.pid), processorTimeUs(brokerPid)];
  const run = await driver.run(echo(contestant, value), inFlight, RUN_MS);
  const sorted = run.latencies.toSorted((a, b) => a - b);
  measured.push({
    name: contestant.name,
    payload,
    inFlight,
    callsPerSecond: run.callsPerSecond,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    serverUs: (processorTimeUs(contestant.pid) - server) / run.calls,
    brokerUs: (processorTimeUs(brokerPid) - rabbit) / run.calls,
  });
}

function echo({ topic }: Contestant, value: unknown): Request {
  const args = { value };
  return { exchange: "bench", topic, method: "echo", version: "1.0", args: () => args };
}
