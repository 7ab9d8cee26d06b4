import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, release } from "node:os";
import { dirname } from "node:path";
import type { Contestant, Result } from "./contest.js";

/** What a suite set out to reach. */
export interface Aim {
  readonly text: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: "ms" | "×" | "MiB";
  /** Default `most`. */
  readonly bound?: "most" | "least";
}

export interface Heat {
  readonly title: string;
  readonly contestants: readonly Contestant[];
  readonly results: ReadonlyMap<string, Result>;
  /** Whose median is 1.0 in each class of durability. */
  readonly references: readonly string[];
}

/** We and a rival take one core in turn; what is beyond that is somebody else. */
const BUSY = 1.5;

/** Prints the tables and aims, and keeps them as JSON. @returns whether all aims were met */
export function report(heats: readonly Heat[], aims: readonly Aim[], path: string): boolean {
  const [load = 0] = loadavg();
  console.log(`${cpus()[0]?.model ?? arch()}, Linux ${release()}, Node.js ${process.version}, load ${load.toFixed(1)}`);
  if (load > BUSY) console.log("The machine was busy with other things: trust the ratios, not the milliseconds.");
  for (const heat of heats) printHeat(heat);
  console.log("\n## Aims\n");
  for (const aim of aims) {
    const bound = aim.bound === "least" ? "≥" : "≤";
    console.log(
      `${met(aim) ? "met   " : "MISSED"} ${aim.text}: ${short(aim.measured)} (${bound} ${aim.limit} ${aim.unit})`,
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ heats: heats.map(asJson), aims }, undefined, 2)}\n`);
  return aims.every(met);
}

function met({ measured, limit, bound }: Aim): boolean {
  return bound === "least" ? measured >= limit : measured <= limit;
}

function printHeat({ title, contestants, results, references }: Heat): void {
  console.log(`\n## ${title}\n`);
  console.log("| | durability | median ms | p10 to p90 | runs | × | cold ms |\n|---|---|---:|---:|---:|---:|---:|");
  for (const { name, durability } of contestants) {
    const result = results.get(name);
    if (result === undefined || result.warm.count === 0) continue;
    const { warm, cold } = result;
    const reference = references.find((one) => contestants.find((c) => c.name === one)?.durability === durability);
    const base = reference === undefined ? undefined : results.get(reference)?.warm.median;
    const ratio = base === undefined ? "" : short(warm.median / base);
    const spread = `${short(warm.quantile(0.1))} to ${short(warm.quantile(0.9))}`;
    const cells = [name, durability, short(warm.median), spread, warm.count, ratio, short(cold.median)];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function asJson({ title, contestants, results }: Heat): unknown {
  const rows = contestants.map(({ name, durability }) => {
    const result = results.get(name);
    const [median, p10, p90] = [0.5, 0.1, 0.9].map((share) => result?.warm.quantile(share));
    return { name, durability, runs: result?.warm.count, median, p10, p90, cold: result?.cold.median };
  });
  return { title, rows };
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}
