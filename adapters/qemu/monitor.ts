import { statSync } from "node:fs";
import type { Machine } from "./machine.js";
import { QmpClient } from "./qmp.js";

/** One open monitor, and what was read of its machine over it. */
export class Monitor implements AsyncDisposable {
  #reading: { readonly machine: Machine; readonly happened: number } | undefined;

  private constructor(
    readonly client: QmpClient,
    /** The socket's file when it was connected to; another QEMU of the same instance makes a file of its own. */
    private readonly file: string | undefined,
  ) {}

  /** Connects to the monitor at a path; throws as `QmpClient.connect` does. */
  static async open(path: string, greetingMs: number, signal: AbortSignal): Promise<Monitor> {
    // Looked at before: a file that takes its place meanwhile is then seen to be another one.
    const file = fileAt(path);
    return new Monitor(await QmpClient.connect(path, greetingMs, signal), file);
  }

  /** Whether who listens at the path now is who answers here. */
  isStill(path: string): boolean {
    return this.file !== undefined && fileAt(path) === this.file && !this.client.lost;
  }

  /**
   * What the machine offered when it was last read here; unset once any event has come since. QEMU tells of no device that another
   * client plugs in, so that this is for what QEMU itself refuses where it is wrong, such as a place that is taken.
   */
  get lastReading(): Machine | undefined {
    return this.#reading?.happened === this.client.happened ? this.#reading.machine : undefined;
  }

  /** Keeps what `read` gives; an event that comes while it reads makes it old at once. */
  async remember(read: () => Promise<Machine>): Promise<Machine> {
    const { happened } = this.client;
    const machine = await read();
    this.#reading = { machine, happened };
    return machine;
  }

  /** The machine is about to change. */
  forget(): void {
    this.#reading = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }
}

/** Which file is at a path; a number of an inode may come again, its time of change does not. */
function fileAt(path: string): string | undefined {
  try {
    const { dev, ino, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${ctimeNs}`;
  } catch {
    return undefined;
  }
}
