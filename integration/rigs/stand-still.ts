import { readdir, readFile } from "node:fs/promises";
import { until } from "./wait.js";

/**
 * Stops a process. It ends when every thread has stopped: the signal reaches one of them first, and on a busy machine the others go
 * on serving until that one gets a processor (signal(7), group stop).
 */
export async function suspend(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  await until(60_000, `process ${pid} to stand still`, async () => {
    const threads = await readdir(`/proc/${pid}/task`);
    // A thread that ended in between has not stopped; the next look does not find it.
    const stat = (id: string) => readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => "");
    return haveStopped(await Promise.all(threads.map(stat)));
  });
}

/** Stops a process, as `suspend`, until this is disposed. */
export async function standStill(pid: number): Promise<AsyncDisposable> {
  await suspend(pid);
  return { [Symbol.asyncDispose]: async () => void process.kill(pid, "SIGCONT") };
}

/**
 * Whether threads have stopped or ended, by their `stat` each: the state follows the name, which is in parentheses and may hold
 * anything (proc(5)).
 */
export function haveStopped(stats: readonly string[]): boolean {
  return stats.every((stat) => stat === "" || /\) [TtZX] [^)]*$/.test(stat));
}
