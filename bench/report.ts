import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, release } from "node:os";
import { dirname } from "node:path";
import type { Contestant } from "./contest.js";
import type { Sample } from "./sample.js";

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
  readonly samples: ReadonlyMap<string, Sample>;
  /** Whose median is 1.0 in each class of durability. */
  readonly references: readonly string[];
}

/** Prints the tables and aims, and keeps them as JSON. @returns whether all aims were met */
export function report(heats: readonly Heat[], aims: readonly Aim[], path: string): boolean {
  console.log(`${cpus()[0]?.model ?? arch()}, Linux ${release()}, Node.js ${process.version}`);
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

function printHeat({ title, contestants, samples, references }: Heat): void {
  console.log(`\n## ${title}\n`);
  console.log("| | durability | median ms | p10 to p90 | rounds | × |\n|---|---|---:|---:|---:|---:|");
  for (const { name, durability } of contestants) {
    const sample = samples.get(name);
    if (sample === undefined || sample.count === 0) continue;
    const reference = references.find((one) => contestants.find((c) => c.name === one)?.durability === durability);
    const base = reference === undefined ? undefined : samples.get(reference)?.median;
    const ratio = base === undefined ? "" : short(sample.median / base);
    const spread = `${short(sample.quantile(0.1))} to ${short(sample.quantile(0.9))}`;
    console.log(`| ${name} | ${durability} | ${short(sample.median)} | ${spread} | ${sample.count} | ${ratio} |`);
  }
}

function asJson({ title, contestants, samples }: Heat): unknown {
  const rows = contestants.map(({ name, durability }) => {
    const sample = samples.get(name);
    return {
      name,
      durability,
      rounds: sample?.count,
      median: sample?.median,
      p10: sample?.quantile(0.1),
      p90: sample?.quantile(0.9),
    };
  });
  return { title, rows };
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 2 : 3);
}
