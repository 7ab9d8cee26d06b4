import { readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Which processes we can see: a process id means something only inside its namespace (pid_namespaces(7)). */
const namespace = /\d+/.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
const NAME = /^configdrive-(\d+)-(\d+)-/;

/**
 * A directory of a rig's own, for one broker, guest or service; whoever asked removes it. The name tells whose it is, so that
 * what a killed process could not remove is removed by the next one here.
 */
export async function privateDirectory(kind: string): Promise<string> {
  await removeOrphans();
  return mkdtemp(join(tmpdir(), `configdrive-${namespace}-${process.pid}-${kind}-`));
}

async function removeOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, itsNamespace, pid] = NAME.exec(name) ?? [];
    if (itsNamespace !== namespace || pid === undefined || lives(Number(pid))) continue;
    // Another user's stay where they are.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
