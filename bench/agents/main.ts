import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { type Aim, report } from "#bench/report.js";
import { Sample } from "#bench/sample.js";
import { AgentsSide } from "#daemon/agents-side.js";
import { BusLine } from "#daemon/bus-line.js";
import { loadConfig } from "#daemon/config/load.js";
import { Agent } from "#integration/rigs/agent.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { until } from "#integration/rigs/wait.js";

/** Rounds: `ROUNDS=0.1` for a tenth of them. */
const share = Number(process.env.ROUNDS ?? 1);
const instances = Array.from({ length: 200 }, (_, index) => `i${index}`);
const rounds = Math.max(1, Math.round(3 * share));
/** A config drive's size. */
const content = blob("x".repeat(400 << 10)).content;

const call = () => callOf("bench", AbortSignal.timeout(600_000));
const steps = ["populate", "attach", "refresh", "detach"] as const;
/** What an attach asks its host: which one it is, bring, choose, locate, observe, attach. */
const CALLS_OF_ATTACH = 6;
type Times = Readonly<Record<(typeof steps)[number] | "pass", Sample>>;

await using broker = await RabbitMq.start();
await using agent = await Agent.start({ host: "far", transportUrl: broker.transportUrl });
const { bus } = loadConfig([], { OS_DEFAULT__TRANSPORT_URL: broker.transportUrl });
if (bus === undefined) throw new Error("there is a bus");
const logger = pino({ level: "silent" });
const line = BusLine.open(bus, logger);
const agents = AgentsSide.open([line], "bench", "a catalog", { reportMs: 500, returnMs: 0 }, logger, () => undefined);
try {
  await until(20_000, "the agent to report", () => agents.hosts.view().some(({ state }) => state === "PRESENT"));
  await using near = await DriveServiceRig.open(new FileHypervisor(agent.instances));
  await using far = await DriveServiceRig.open(new FileHypervisor(agent.instances), {
    change: { hosts: agents.hosts },
  });
  for (const instance of instances) await mkdir(join(agent.instances, instance));

  const bare = new Sample();
  const question = { signal: AbortSignal.timeout(600_000) };
  for (const instance of [...instances, ...instances]) await timed(bare, () => agents.hosts.hostOf(instance, question));
  const inFlights = [1, 16];
  const found = new Map<number, { readonly near: Times; readonly far: Times }>();
  for (const inFlight of inFlights) {
    // One after the other, so that neither finds the other's drives; the first of each warms up.
    await measure(near, 16, instances.slice(0, 32));
    const here = await measure(near, inFlight, instances);
    await measure(far, 16, instances.slice(0, 32));
    found.set(inFlight, { near: here, far: await measure(far, inFlight, instances) });
  }

  const aims: Aim[] = [];
  for (const [inFlight, { near: here, far: there }] of found) {
    console.log(`\n## ${instances.length} instances with a drive of 400 KiB each, ${inFlight} in flight\n`);
    console.log("| | in one process, ms | through an agent, ms | the hop, ms |\n|---|---:|---:|---:|");
    for (const step of [...steps, "pass"] as const) {
      const [own, remote] = [here[step].median, there[step].median];
      console.log(`| ${step} | ${own.toFixed(2)} | ${remote.toFixed(2)} | ${(remote - own).toFixed(2)} |`);
    }
    if (inFlight > 1) continue;
    const hop = (step: keyof Times) => there[step].median - here[step].median;
    // One call a drive, sixteen at a time: it must not cost more than one that is waited for.
    const asked = hop("pass") / instances.length;
    aims.push({
      text: "the hop of a drive in a pass, in bare calls",
      measured: asked / bare.median,
      limit: 1,
      unit: "×",
    });
    // On the host the image is written as durably as a populate here wrote it. What is left is its way through JSON and the broker.
    const parts = CALLS_OF_ATTACH * bare.median + here.populate.median;
    const text = `the hop of an attach, against ${CALLS_OF_ATTACH} bare calls and a populate in one process`;
    aims.push({ text, measured: hop("attach") / parts, limit: 1.5, unit: "×" });
  }
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${agent.pid}/status`, "utf8"))?.[1];
  console.log(
    `\nA bare call to the agent takes ${bare.median.toFixed(2)} ms. The agent has ${Number(resident) >> 10} MiB in memory.\n`,
  );
  if (!report([], aims, "bench/results/agents.json") && process.env.STRICT === "1") process.exitCode = 1;
} finally {
  await agents.close();
  await line.close();
}

/** Attaches a new drive to each instance, looks at all of them in one pass, and refreshes and detaches each; medians of all rounds. */
async function measure({ service }: DriveServiceRig, inFlight: number, names: readonly string[]): Promise<Times> {
  const times = {
    populate: new Sample(),
    attach: new Sample(),
    refresh: new Sample(),
    detach: new Sample(),
    pass: new Sample(),
  };
  for (let round = 0; round < rounds; round += 1) {
    const drives = new Map<string, string>();
    await each(names, inFlight, async (instanceId) => {
      const { id } = await timed(times.populate, () => service.populate({ ...blob("", { content }) }, call()));
      drives.set(instanceId, id);
      const request = { requestId: randomUUID(), driveId: id, instanceId, host: "" };
      await timed(times.attach, () => service.attach(request, call()));
    });
    await timed(times.pass, () => service.reconcile(AbortSignal.timeout(600_000)));
    await each(names, inFlight, async (instanceId) => {
      const driveId = drives.get(instanceId) ?? "";
      await service.populate({ ...blob("", { content }), driveId, whenAttached: "stage" }, call());
      await timed(times.refresh, () => service.refresh({ requestId: randomUUID(), driveId, force: false }, call()));
      const detach = { requestId: randomUUID(), driveId, instanceId, force: false };
      await timed(times.detach, () => service.detach(detach, call()));
      await service.delete({ requestId: randomUUID(), driveId }, call());
    });
  }
  return times;
}

async function each(names: readonly string[], inFlight: number, work: (name: string) => Promise<void>): Promise<void> {
  const next = names.values();
  const worker = async () => {
    for (const name of next) await work(name);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function timed<T>(sample: Sample, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  sample.add(performance.now() - begun);
  return result;
}
