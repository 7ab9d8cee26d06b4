import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { QmpClient } from "#adapters/qemu/qmp.js";
import { Child } from "./child.js";
import { privateDirectory } from "./private-directory.js";
import { until } from "./wait.js";

/** A real QEMU machine without a guest: its processor stands still (`-S`), which leaves hot plug and media as they are. */
export class BareMachine implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    /** Where monitors listen, as `<instance id>.sock`. */
    readonly sockets: string,
    readonly instanceId: string,
    private readonly process: Child,
  ) {}

  get socketTemplate(): string {
    return join(this.sockets, "{instance_id}.sock");
  }

  get socket(): string {
    return join(this.sockets, `${this.instanceId}.sock`);
  }

  /**
   * Starts `pc`, `q35` or aarch64's `virt` with devices given as QEMU's own arguments, and waits for its monitor.
   * @param beside - a machine that runs on the same host, or the folder of its sockets, which is used
   * @param instanceId - which instance it is; a new one, if not given
   */
  static async start(
    machine: "pc" | "q35" | "virt",
    devices: readonly string[],
    beside?: { readonly sockets: string },
    instanceId: string = randomUUID(),
  ): Promise<BareMachine> {
    const folder = await privateDirectory("machine");
    const sockets = beside?.sockets ?? join(folder, "qmp");
    await mkdir(sockets, { recursive: true });
    const socket = join(sockets, `${instanceId}.sock`);
    const process = await Child.start(
      machine === "virt" ? "qemu-system-aarch64" : "qemu-system-x86_64",
      [
        ...["-machine", `${machine},accel=tcg`, "-m", "64", "-display", "none", "-nodefaults", "-S"],
        ...[
          "-qmp",
          `unix:${socket},server=on,wait=off`,
          "-qmp",
          `unix:${join(folder, "test.sock")},server=on,wait=off`,
        ],
        ...devices.flatMap((device) => ["-device", device]),
      ],
      { log: join(folder, "qemu.log") },
    );
    const self = new BareMachine(folder, sockets, instanceId, process);
    try {
      // Both listen once the second one takes a client.
      await until(60_000, "QEMU's monitor", () => {
        process.assertRunning();
        return self.monitor("query-status").catch(() => undefined);
      });
    } catch (error) {
      await self[Symbol.asyncDispose]();
      throw error;
    }
    return self;
  }

  /** Writes an image of whole sectors filled with one byte, and says where it is. */
  async image(name: string, fill: number, sizeBytes = 8192): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, Buffer.alloc(sizeBytes, fill));
    return path;
  }

  /** One command at a second monitor, which no one but the test uses. */
  async monitor(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    await using client = await QmpClient.connect(join(this.folder, "test.sock"), 15_000, AbortSignal.timeout(15_000));
    return await client.execute(command, args, AbortSignal.timeout(15_000));
  }

  /** Resolves once somebody is connected to the first monitor. */
  async inUse(): Promise<void> {
    const devices = z.array(z.object({ filename: z.string() }));
    for (;;) {
      const all = devices.parse(await this.monitor("query-chardev"));
      if (all.some(({ filename }) => filename.startsWith("unix:") && filename.includes(this.socket))) return;
    }
  }

  /** Ends the process at once, as a crash would: the socket's file stays behind. */
  async kill(): Promise<void> {
    await this.process.stop("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true });
  }
}
