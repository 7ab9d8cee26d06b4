import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { isNativeError } from "node:util/types";

const LOOK_AGAIN_MS = 50;

/**
 * The processes that are an instance: those whose command line has its id and the pid file that the service gives it. While QEMU goes
 * into the background there are two. Read from /proc, so that nothing has to be remembered of them and no pid is taken for another's.
 */
export async function processesOf(instanceId: string, pidFile: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir("/proc")) {
    if (!/^[0-9]+$/.test(entry)) continue;
    if (await isInstance(Number(entry), instanceId, pidFile)) found.push(Number(entry));
  }
  return found;
}

/** Waits until none of them is left; `false` when the signal came first. */
export async function ended(instanceId: string, pidFile: string, signal: AbortSignal): Promise<boolean> {
  while ((await processesOf(instanceId, pidFile)).length > 0) {
    if (signal.aborted) return false;
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
  return true;
}

/** Kills them; each is looked at once more right before. */
export async function kill(instanceId: string, pidFile: string): Promise<void> {
  for (const pid of await processesOf(instanceId, pidFile)) {
    if (!(await isInstance(pid, instanceId, pidFile))) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(isNativeError(error) && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

async function isInstance(pid: number, instanceId: string, pidFile: string): Promise<boolean> {
  // A process that ended meanwhile, or is a zombie, has no command line.
  const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return line.includes(`\0-uuid\0${instanceId}\0-pidfile\0${pidFile}\0`);
}
