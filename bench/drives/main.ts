import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { type Aim, report } from "#bench/report.js";
import { Sample } from "#bench/sample.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { cloneDrive } from "./clones.js";

/** Rounds: `ROUNDS=0.1` for a tenth of them. */
const share = Number(process.env.ROUNDS ?? 1);
const cycles = Math.max(64, Math.round(1000 * share));
const calls = Math.max(20, Math.round(300 * share));
const many = 100_000;
const directory = mkdtempSync(join(tmpdir(), "configdrive-bench-"));
const open = () => DriveServiceRig.open(new FileHypervisor(join(directory, "instances")), { directory });
const call = () => callOf("bench", AbortSignal.timeout(600_000));
const content = blob("x".repeat(2000)).content;
const populate = () => blob("", { content });

/** One drive's life on an instance of its own. */
async function cycle({ service }: DriveServiceRig, instanceId: string): Promise<void> {
  const { id: driveId } = await service.populate(populate(), call());
  const named = () => ({ requestId: randomUUID(), driveId });
  await service.attach({ ...named(), instanceId, host: "" }, call());
  await service.detach({ ...named(), instanceId, force: false }, call());
  await service.delete(named(), call());
}

async function cyclesInFlight(rig: DriveServiceRig, inFlight: number): Promise<void> {
  const times = new Sample();
  let left = cycles;
  const begun = performance.now();
  const worker = async (_: unknown, index: number) => {
    for (; left > 0; ) {
      left -= 1;
      const start = performance.now();
      await cycle(rig, `i${index}`);
      times.add(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = (times.count / (performance.now() - begun)) * 1000;
  const [p50, p99] = [times.median, times.quantile(0.99)].map((ms) => ms.toFixed(1));
  console.log(`| ${inFlight} | ${perSecond.toFixed(0)} | ${p50} | ${p99} |`);
}

/** Medians of single calls, in milliseconds. */
async function medians(rig: DriveServiceRig): Promise<ReadonlyMap<string, number>> {
  const { id: driveId } = await rig.service.populate(populate(), call());
  const kinds: Readonly<Record<string, () => Promise<unknown>>> = {
    get: () => rig.service.get(driveId, call()),
    "list of 50": () => rig.service.list({ instanceId: "", pageSize: 50, pageToken: "" }, call()),
    "list by instance": () => rig.service.list({ instanceId: "i0", pageSize: 0, pageToken: "" }, call()),
    update: () =>
      rig.service.update({ requestId: randomUUID(), driveId, deleteOnTermination: Math.random() < 0.5 }, call()),
    cycle: () => cycle(rig, "i0"),
  };
  const found = new Map<string, number>();
  for (const [name, work] of Object.entries(kinds)) {
    const times = new Sample();
    for (let round = 0; round < calls; round += 1) {
      const start = performance.now();
      await work();
      times.add(performance.now() - start);
    }
    found.set(name, times.median);
  }
  return found;
}

try {
  for (let index = 0; index < 64; index += 1) mkdirSync(join(directory, "instances", `i${index}`), { recursive: true });
  let rig = await open();
  for (let round = 0; round < 50; round += 1) await cycle(rig, "i0");
  console.log("\n## populate + attach + detach + delete, SQLite, synced\n");
  console.log("| in flight | cycles/s | p50 ms | p99 ms |\n|---:|---:|---:|---:|");
  for (const inFlight of [1, 8, 64]) await cyclesInFlight(rig, inFlight);

  const { id } = await rig.service.populate(populate(), call());
  await rig.leave();
  cloneDrive(join(directory, "catalog.sqlite"), id, 100);
  rig = await open();
  const few = await medians(rig);
  await rig.leave();
  cloneDrive(join(directory, "catalog.sqlite"), id, many);
  rig = await open();
  const full = await medians(rig);
  await rig.leave();

  console.log(`\n## Calls with 100 and with ${many.toLocaleString("en-US")} drives in the catalog\n`);
  console.log("| | 100, median ms | 100,000, median ms | × |\n|---|---:|---:|---:|");
  const aims: Aim[] = [];
  for (const [name, before] of few) {
    const after = full.get(name) ?? Number.NaN;
    console.log(`| ${name} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${(after / before).toFixed(2)} |`);
    aims.push({ text: `${name} with 100,000 drives, against 100`, measured: after / before, limit: 1.5, unit: "×" });
  }
  console.log("");
  const met = report([], aims, "bench/results/drives.json");
  if (!met && process.env.STRICT === "1") process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}
