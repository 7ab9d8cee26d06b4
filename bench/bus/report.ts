import { cpus } from "node:os";

/** One run of one server. Times are of a single call. */
export interface Measured {
  readonly name: string;
  readonly payload: string;
  readonly inFlight: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time in microseconds. */
  readonly serverUs: number;
  readonly brokerUs: number;
}

const OURS = "configdrive-bridge";
const PYTHON = "oslo.messaging, threading";
const CEILING = "opaque echo (amqplib)";

/** Prints a table of medians for each payload, then says of each aim whether it was met. @returns whether all were */
export function report(measured: readonly Measured[]): boolean {
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node.js ${process.version}`);
  for (const payload of new Set(measured.map((run) => run.payload))) {
    console.log(`\n## ${payload}\n`);
    console.log("| | in flight | calls/s | p50 ms | p99 ms | server µs a call | broker µs a call |");
    console.log("|---|---:|---:|---:|---:|---:|---:|");
    for (const { name, inFlight } of distinct(measured.filter((run) => run.payload === payload))) {
      const of = (figure: keyof Measured): string => short(median(measured, name, payload, inFlight, figure));
      const cells = [of("callsPerSecond"), of("p50Ms"), of("p99Ms"), of("serverUs"), of("brokerUs")];
      console.log(`| ${[name, inFlight, ...cells].join(" | ")} |`);
    }
  }
  return printAims(measured);
}

/** Processor time of our server at so many calls in flight, over that of another. */
function ratio(measured: readonly Measured[], payload: string, other: string, inFlight = 64): number {
  return median(measured, OURS, payload, inFlight, "serverUs") / median(measured, other, payload, inFlight, "serverUs");
}

function printAims(measured: readonly Measured[]): boolean {
  const [small = "", large = ""] = new Set(measured.map((run) => run.payload));
  const aims: [string, number, number][] = [
    ["processor time a small call, over Python's", ratio(measured, small, PYTHON), 1 / 15],
    ["processor time a large call, over Python's", ratio(measured, large, PYTHON), 1 / 5],
    ...[1, 8, 64].map((inFlight): [string, number, number] => [
      `processor time a small call, ${inFlight} in flight, over the opaque echo's`,
      ratio(measured, small, CEILING, inFlight),
      1.6,
    ]),
  ];
  console.log("\n## Aims\n");
  for (const [text, value, limit] of aims) {
    console.log(`${value <= limit ? "met   " : "MISSED"} ${text}: ${value.toFixed(3)} (≤ ${limit.toFixed(3)})`);
  }
  return aims.every(([, value, limit]) => value <= limit);
}

function distinct(runs: readonly Measured[]): Measured[] {
  return [...new Map(runs.map((run) => [`${run.inFlight} ${run.name}`, run])).values()];
}

function median(
  measured: readonly Measured[],
  name: string,
  payload: string,
  inFlight: number,
  figure: keyof Measured,
): number {
  const values = measured
    .filter((run) => run.name === name && run.payload === payload && run.inFlight === inFlight)
    .map((run) => Number(run[figure]))
    .sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? Number.NaN;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
