import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Contestant, processorTimeUs } from "#bench/bus/contestant.js";
import { Driver, type Request } from "#bench/bus/driver.js";
import { type Aim, report } from "#bench/report.js";
import { novaTree } from "#integration/rigs/nova-tree.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Service } from "#integration/rigs/service.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Rounds: `ROUNDS=0.2` for a fifth of them. */
const ROUNDS = Math.max(1, Math.round(5 * Number(process.env.ROUNDS ?? 1)));
const RUN_MS = 4000;
/** A service runs for long: Node.js has compiled by then what it does most. Python compiles nothing, and needs its files in memory only. */
const WARM_UPS = { ours: 2000, python: 50 };
const WARM_UP_MS = 2000;
const inFlights = [1, 8];

interface Row {
  readonly name: string;
  readonly inFlight: number;
  readonly drivesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time for one drive, programs that were started included. */
  readonly serverMs: number;
}

const userData = `#cloud-config\n${"# a line of user data\n".repeat(40)}`;
const files = novaTree({ instanceId: randomUUID(), hostname: "web-1", userData });
const populate = {
  method: "populate_volume",
  version: "1.0",
  args: () => ({ request_id: randomUUID(), files: { files } }),
};

await using broker = await RabbitMq.start();
await using service = await Service.start({ transportUrl: broker.transportUrl });
const directory = join(service.directory, "rival");
mkdirSync(directory);
const script = join(ROOT, "bench/populate/server.py");
await using python = await Contestant.start("oslo.messaging + genisoimage", "rival", "/usr/bin/python3", [
  script,
  broker.transportUrl,
  "rival",
  directory,
]);
await using driver = await Driver.start(broker.url);

const contestants: { name: string; pid: number; warmUps: number; request: Request }[] = [
  {
    name: "configdrive-bridge",
    pid: service.pid,
    warmUps: WARM_UPS.ours,
    request: { exchange: "configdrive", topic: "configdrive", ...populate },
  },
  {
    name: python.name,
    pid: python.pid,
    warmUps: WARM_UPS.python,
    request: { exchange: "bench", topic: python.topic, ...populate },
  },
];
const rows: Row[] = [];
for (const { request, warmUps } of contestants) {
  for (let made = 0; made < warmUps; ) made += (await driver.run(request, 8, WARM_UP_MS)).calls;
}
for (const inFlight of inFlights) {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      await measure(contestants[(turn + round) % contestants.length]!, inFlight);
    }
  }
}

console.log("| | in flight | drives/s | p50 ms | p99 ms | processor ms a drive |\n|---|---:|---:|---:|---:|---:|");
for (const inFlight of inFlights) {
  for (const { name } of contestants) {
    const of = (figure: keyof Row): string => median(name, inFlight, figure).toFixed(1);
    const cells = [name, inFlight, of("drivesPerSecond"), of("p50Ms"), of("p99Ms"), of("serverMs")];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
const aims = inFlights.map((inFlight): Aim => {
  const [ours = 0, rival = 0] = contestants.map(({ name }) => median(name, inFlight, "serverMs"));
  const text = `processor time a drive, ${inFlight} in flight, over Python's`;
  return { text, measured: ours / rival, limit: 1 / 5, unit: "×" };
});
const results = join(ROOT, "bench/results");
mkdirSync(results, { recursive: true });
writeFileSync(join(results, "populate-rows.json"), `${JSON.stringify(rows)}\n`);
process.exitCode = report([], aims, join(results, "populate.json")) ? 0 : 1;

async function measure({ name, pid, request }: (typeof contestants)[number], inFlight: number): Promise<void> {
  const before = processorTimeUs(pid, "with children");
  const run = await driver.run(request, inFlight, RUN_MS);
  const sorted = run.latencies.toSorted((a, b) => a - b);
  rows.push({
    name,
    inFlight,
    drivesPerSecond: run.callsPerSecond,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    serverMs: (processorTimeUs(pid, "with children") - before) / 1000 / run.calls,
  });
}

function median(name: string, inFlight: number, figure: keyof Row): number {
  const values = rows.filter((row) => row.name === name && row.inFlight === inFlight).map((row) => Number(row[figure]));
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
