import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "./private-directory.js";

/** Waits for the end of the rig's process, and ends what that has not. */
const REAPER = 'cat; for file in "$0"/*.pid; do kill -9 "$(cat "$file")"; done; rm -rf "$0"';

/**
 * The QEMU processes that a launcher starts with their sockets in a folder of ours. They are nobody's children, so that they
 * outlive whoever started them; they end with this rig, and with its process, whatever happens to that.
 */
export class LaunchedMachines implements AsyncDisposable {
  private constructor(
    readonly sockets: string,
    private readonly reaper: ChildProcess,
  ) {}

  static async make(): Promise<LaunchedMachines> {
    const sockets = await privateDirectory("launched");
    const reaper = spawn("sh", ["-c", REAPER, sockets], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    await once(reaper, "spawn");
    return new LaunchedMachines(sockets, reaper);
  }

  /** `[qemu] qmp_socket` of whoever launches. */
  get socketTemplate(): string {
    return join(this.sockets, "{instance_id}.sock");
  }

  /** The instances of which processes run, by id: one that ran twice would be there twice. */
  async ids(): Promise<readonly string[]> {
    return (await this.#processes()).map(({ id }) => id).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of await this.#processes()) process.kill(pid, "SIGKILL");
    const ended = once(this.reaper, "exit");
    this.reaper.stdin?.end();
    await ended;
  }

  async #processes(): Promise<readonly { readonly pid: number; readonly id: string }[]> {
    const found = [];
    for (const entry of await readdir("/proc")) {
      if (!/^[0-9]+$/.test(entry)) continue;
      const line = await readFile(join("/proc", entry, "cmdline"), "utf8").catch(() => "");
      const id = /\0-uuid\0([0-9a-f-]{36})\0-pidfile\0/.exec(line)?.[1];
      if (id !== undefined && line.includes(`\0-pidfile\0${this.sockets}/`)) found.push({ pid: Number(entry), id });
    }
    return found;
  }
}
