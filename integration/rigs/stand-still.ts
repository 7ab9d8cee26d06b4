import { readdir, readFile } from "node:fs/promises";
import { until } from "./wait.js";

/**
 * Stops a process until this is disposed. It ends when every thread has stopped: the signal reaches one of them first, and on a
 * busy machine the others go on serving until that one gets a processor (signal(7), group stop).
 */
export async function standStill(pid: number): Promise<AsyncDisposable> {
  process.kill(pid, "SIGSTOP");
  await until(60_000, `process ${pid} to stand still`, async () => {
    const threads = await readdir(`/proc/${pid}/task`);
    // A thread that ended in between has not stopped; the next look does not find it.
    const stat = (id: string) => readFile(`/proc/${pid}/task/${id}/stat`, "utf8").catch(() => "");
    const states = await Promise.all(threads.map(stat));
    // The state follows the name, which is in parentheses and may hold anything (proc(5)).
    return states.every((state) => /\) [Tt] [^)]*$/.test(state));
  });
  return { [Symbol.asyncDispose]: async () => void process.kill(pid, "SIGCONT") };
}
