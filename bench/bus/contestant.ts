import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** Microseconds in one tick of `/proc/*​/stat` (`getconf CLK_TCK` is 100 on Linux). */
const TICK_US = 10_000;

/** Processor time that a process and its threads used so far, in microseconds; with those of its children that it has waited for. */
export function processorTimeUs(pid: number, scope: "alone" | "with children" = "alone"): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The fields after the name, which may itself hold spaces and brackets: utime, stime, cutime and cstime are the 14th to 17th of all.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const times = fields.slice(11, scope === "alone" ? 13 : 15);
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_US;
}

/** A server under measurement, in a process of its own, on a topic of its own. */
export class Contestant implements AsyncDisposable {
  private constructor(
    readonly name: string,
    readonly topic: string,
    readonly pid: number,
    private readonly process: ChildProcess,
  ) {}

  /** Starts it; it has said `ready` when this ends. */
  static async start(name: string, topic: string, program: string, args: readonly string[]): Promise<Contestant> {
    const process = spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      process.once("error", reject);
      process.once("exit", () => reject(new Error(`${name} ended before it was ready`)));
      createInterface({ input: process.stdout }).on("line", (line) => {
        if (line === "ready") resolve();
      });
    });
    if (process.pid === undefined) throw new Error(`${name} has no process id`);
    return new Contestant(name, topic, process.pid, process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }
}
