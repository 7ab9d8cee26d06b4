import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { type Aim, report } from "#bench/report.js";
import { Sample } from "#bench/sample.js";
import { type DatabaseKind, databaseKinds, startDatabases } from "#integration/rigs/databases.js";
import { DriveServiceRig } from "#integration/rigs/drive-service.js";
import { cloneDrive } from "./clones.js";
import { cycle, cyclesInFlight, populate, singleCalls } from "./cycles.js";
import { streamed } from "./streamed.js";

/** Rounds: `ROUNDS=0.1` for a tenth of them. `DATABASES=sqlite` for one of the databases alone. */
const share = Number(process.env.ROUNDS ?? 1);
const cycles = Math.max(64, Math.round(1000 * share));
const calls = Math.max(20, Math.round(300 * share));
const many = 100_000;
const chosen = process.env.DATABASES?.split(",") ?? databaseKinds;
const inFlights = [1, 8, 64];

/** Medians of single calls, in milliseconds; the calls take turns, so that what slows the machine down slows all alike. */
async function medians(rig: DriveServiceRig): Promise<ReadonlyMap<string, number>> {
  const all = singleCalls(rig, await populate(rig));
  const times = new Map([...all.keys()].map((name) => [name, new Sample()]));
  for (let round = 0; round < calls; round += 1) {
    for (const [name, work] of all) {
      const start = performance.now();
      await work();
      times.get(name)?.add(performance.now() - start);
    }
  }
  return new Map([...times].map(([name, sample]) => [name, sample.median]));
}

/** Measures one database and prints the tables. @returns the aims */
async function measure(kind: DatabaseKind): Promise<readonly Aim[]> {
  const directory = mkdtempSync(join(tmpdir(), "configdrive-bench-"));
  const instances = join(directory, "instances");
  for (let index = 0; index < Math.max(...inFlights); index += 1)
    mkdirSync(join(instances, `i${index}`), { recursive: true });
  await using databases = await startDatabases(kind, { synced: true });
  try {
    const connection = await databases.createDatabase();
    const open = () => DriveServiceRig.open(new FileHypervisor(instances), { directory, connection });
    let rig = await open();
    for (let round = 0; round < 50; round += 1) await cycle(rig, "i0");
    console.log(`\n## ${kind}: populate + attach + detach + delete, synced\n`);
    console.log("| in flight | cycles/s | p50 ms | p99 ms |\n|---:|---:|---:|---:|");
    for (const inFlight of inFlights) {
      const { perSecond, times } = await cyclesInFlight(rig, cycles, inFlight);
      const [p50, p99] = [times.median, times.quantile(0.99)].map((ms) => ms.toFixed(1));
      console.log(`| ${inFlight} | ${perSecond.toFixed(0)} | ${p50} | ${p99} |`);
    }
    const id = await populate(rig);
    const found: ReadonlyMap<string, number>[] = [];
    for (const copies of [100, many]) {
      await rig.leave();
      await cloneDrive(connection, id, copies);
      rig = await open();
      found.push(await medians(rig));
    }
    await rig.leave();

    console.log(`\n## ${kind}: calls with 100 and with ${many.toLocaleString("en-US")} drives in the catalog\n`);
    console.log("| | 100, median ms | 100,000, median ms | × |\n|---|---:|---:|---:|");
    return [...(found[0] ?? [])].map(([name, before]) => {
      const after = found[1]?.get(name) ?? Number.NaN;
      console.log(`| ${name} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${(after / before).toFixed(2)} |`);
      const text = `${name} on ${kind} with 100,000 drives, against 100`;
      return { text, measured: after / before, limit: 1.5, unit: "×" };
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const aims: Aim[] = [];
for (const kind of databaseKinds) if (chosen.includes(kind)) aims.push(...(await measure(kind)));
aims.push(await streamed(Math.round(1024 * Math.min(1, share))));
console.log("");
const met = report([], aims, "bench/results/drives.json");
if (!met && process.env.STRICT === "1") process.exitCode = 1;
