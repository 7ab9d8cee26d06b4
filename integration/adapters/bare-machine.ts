import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { QmpClient } from "#adapters/qemu/qmp.js";

/** A real QEMU machine without a guest: its processor stands still (`-S`), which leaves hot plug and media as they are. */
export class BareMachine implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly instanceId: string,
    readonly process: ChildProcess,
  ) {}

  get socketTemplate(): string {
    return join(this.folder, "qmp", "{instance_id}.sock");
  }

  get socket(): string {
    return join(this.folder, "qmp", `${this.instanceId}.sock`);
  }

  /** Starts `pc` or `q35` with devices given as QEMU's own arguments, and waits for its monitor. */
  static async start(machine: "pc" | "q35", devices: readonly string[], run = false): Promise<BareMachine> {
    const folder = await mkdtemp(join(tmpdir(), "machine-"));
    await mkdir(join(folder, "qmp"));
    const socket = join(folder, "qmp", "vm-1.sock");
    const process = spawn(
      "qemu-system-x86_64",
      [
        ...["-machine", `${machine},accel=tcg`, "-m", "64", "-display", "none", "-nodefaults"],
        ...(run ? [] : ["-S"]),
        ...["-qmp", `unix:${socket},server=on,wait=off`],
        ...devices.flatMap((device) => ["-device", device]),
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const self = new BareMachine(folder, "vm-1", process);
    while (!(await exists(socket))) {
      if (process.exitCode !== null) throw new Error(`QEMU ended with ${process.exitCode}`);
      await delay(5);
    }
    return self;
  }

  /** Writes an image of whole sectors filled with one byte, and says where it is. */
  async image(name: string, fill: number, sizeBytes = 8192): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, Buffer.alloc(sizeBytes, fill));
    return path;
  }

  /** One command at the machine's own monitor. */
  async monitor(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    await using client = await QmpClient.connect(this.socket, 5000, AbortSignal.timeout(5000));
    return await client.execute(command, args, AbortSignal.timeout(5000));
  }

  /** Ends the process at once, as a crash would: the socket's file stays behind. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
