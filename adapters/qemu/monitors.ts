import { InstanceQueue } from "../instance-queue.js";
import type { Monitor } from "./monitor.js";
import { isMonitorLost } from "./refusals.js";
import { type Limits, Session } from "./session.js";
import { SocketTemplate } from "./socket-template.js";

/**
 * How long a monitor stays open for what follows a question, in milliseconds: from the choice of a device over the commit that says so
 * to the attach. Whoever else wants the monitor waits that long at most, well within any time that a greeting is waited for.
 */
const KEEP_MS = 50;

/** What a use of a monitor is: one that only reads leaves it open for what follows it, one that changes the machine closes it. */
export type UseKind = "reads" | "changes";

export interface MonitorOptions extends Limits {
  /** Where each instance's monitor listens, with `{instance_id}` in it. */
  readonly socketTemplate: string;
}

interface Kept {
  readonly monitor: Monitor;
  readonly end: NodeJS.Timeout;
}

/**
 * The monitors of this host's machines, which QEMU serves one client of: one use of each at a time. Connecting and reading a machine
 * cost more than an attach itself, so that a monitor that was read stays open for a moment (`KEEP_MS`). Who takes it up again asks
 * it first, as every step does, and connects anew where the machine has ended or another one listens at its path.
 */
export class Monitors implements AsyncDisposable {
  readonly template: SocketTemplate;
  readonly #queue = new InstanceQueue();
  readonly #kept = new Map<string, Kept>();

  constructor(private readonly options: MonitorOptions) {
    this.template = new SocketTemplate(options.socketTemplate);
  }

  /** Lets work use an instance's monitor when its turn has come. Work that fails closes it. */
  async use<T>(
    instanceId: string,
    signal: AbortSignal,
    kind: UseKind,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const path = this.template.pathOf(instanceId);
    return await this.#queue.run(instanceId, signal, async () => {
      const kept = await this.#take(instanceId, path);
      if (kept !== undefined) {
        const { answered } = kept.client;
        try {
          return await this.#run(new Session(instanceId, this.options, signal, kept), kind, work);
        } catch (error) {
          // The machine ended while nobody asked: nothing was done yet.
          if (!isMonitorLost(error) || kept.client.answered > answered) throw error;
        }
      }
      this.template.requireFolder(instanceId);
      return await this.#run(await Session.open(instanceId, path, this.options, signal), kind, work);
    });
  }

  /** Waits for what is under way, and closes what is open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.idle();
    for (const instanceId of [...this.#kept.keys()]) await this.#letGo(instanceId)?.[Symbol.asyncDispose]();
  }

  async #run<T>(session: Session, kind: UseKind, work: (session: Session) => Promise<T>): Promise<T> {
    let isWhole = false;
    try {
      const result = await work(session);
      isWhole = kind === "reads";
      return result;
    } finally {
      if (isWhole) this.#keep(session);
      else await session[Symbol.asyncDispose]();
    }
  }

  #keep({ instanceId, monitor }: Session): void {
    const end = setTimeout(() => void this.#letGo(instanceId)?.[Symbol.asyncDispose](), KEEP_MS);
    this.#kept.set(instanceId, { monitor, end });
  }

  /** The monitor that was kept, no longer kept. */
  #letGo(instanceId: string): Monitor | undefined {
    const kept = this.#kept.get(instanceId);
    if (kept === undefined) return undefined;
    clearTimeout(kept.end);
    this.#kept.delete(instanceId);
    return kept.monitor;
  }

  async #take(instanceId: string, path: string): Promise<Monitor | undefined> {
    const monitor = this.#letGo(instanceId);
    if (monitor === undefined || monitor.isStill(path)) return monitor;
    await monitor[Symbol.asyncDispose]();
    return undefined;
  }
}
