import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const one = z.strictObject({
  adapter: z.string(),
  /** How the backend is reached. */
  where: z.string(),
  /** What ran, with versions. */
  against: z.string(),
  /** The day of the run, UTC, and the commit that was tested. */
  date: z.iso.date(),
  commit: z.string(),
  /** Devices whose bytes guests read, as `kind on bus, …`. */
  devices: z.string(),
  /** How often each capability was seen to hold; 0 for one whose case failed in the last full run. */
  capabilities: z.record(z.string(), z.int().nonnegative()),
});

const all = z.array(one);

/** What the conformance suite (integration/adapters) has proven of one backend in its full form. */
export type Proven = z.infer<typeof one>;

/** Where the suite's results stand, whether this file runs from dist/ or not. */
export const provenFile = fileURLToPath(
  new URL(import.meta.url.includes("/dist/") ? "../../adapters/proven.json" : "proven.json", import.meta.url),
);

/** What is proven of all backends, in the order of adapters and ways to reach them. */
export function readProven(file = provenFile): readonly Proven[] {
  return all.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The results with those of one backend put in the place of its earlier ones, as text for the file. */
export function withProven(standing: readonly Proven[], proven: Proven): string {
  const key = ({ adapter, where }: Proven) => `${adapter} ${where}`;
  const others = standing.filter((other) => key(other) !== key(proven));
  const sorted = [...others, proven].sort((a, b) => key(a).localeCompare(key(b), "en"));
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}
