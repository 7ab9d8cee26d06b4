import { execFile } from "node:child_process";
import type { Logger } from "pino";
import { type Repeated, repeat } from "./repeat.js";

/** Sends one message to the service manager, such as `READY=1`. Rejects when that cannot be done. */
export type Send = (message: string) => Promise<void>;

/** Longest wait for a message to be taken, in milliseconds. */
const SEND_MS = 5000;

/**
 * Tells systemd how the process is (sd_notify(3)): ready, reading its configuration, stopping; and, where its unit has a watchdog, again
 * and again that it lives. A process that nobody manages tells nobody.
 */
export class ServiceManager {
  #watchdog: Repeated | undefined;

  private constructor(
    private readonly send: Send | undefined,
    private readonly watchdogMs: number | undefined,
    private readonly logger: Logger,
  ) {}

  /** @param env - where systemd says whether and where it listens (`NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`) */
  static from(
    env: Readonly<Record<string, string | undefined>>,
    pid: number,
    logger: Logger,
    send: Send = systemdNotify(env),
  ): ServiceManager {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = env;
    const ours = watched === undefined || watched === String(pid);
    const limitMs = ours && /^\d{1,15}$/.test(usec ?? "") ? Number(usec) / 1000 : 0;
    const listens = socket !== undefined && socket !== "";
    return new ServiceManager(listens ? send : undefined, limitMs > 0 ? limitMs : undefined, logger);
  }

  /** The process can do its work. From now on it also feeds the watchdog, twice in its time. */
  async ready(): Promise<void> {
    await this.#tell("READY=1");
    if (this.send === undefined || this.watchdogMs === undefined) return;
    // A process whose event loop stands still tells nothing, which is what the watchdog is for.
    this.#watchdog = repeat(this.watchdogMs / 2, () => this.#tell("WATCHDOG=1"));
  }

  /** The process takes no new work, and finishes what it has. The watchdog is fed on: a drain takes its time. */
  async stopping(): Promise<void> {
    await this.#tell("STOPPING=1");
  }

  /** Feeds the watchdog no longer. */
  async close(): Promise<void> {
    await this.#watchdog?.stop();
  }

  async #tell(message: string): Promise<void> {
    try {
      await this.send?.(message);
    } catch (error) {
      this.logger.warn({ event: "not_notified", err: error }, `the service manager was not told ${message}`);
    }
  }
}

/**
 * By systemd's own program: Node.js speaks no datagrams over unix sockets. The unit has to take messages from every process of
 * its own (`NotifyAccess=all`), for the program is a child of ours.
 */
function systemdNotify(env: Readonly<Record<string, string | undefined>>): Send {
  return (message) =>
    new Promise((resolve, reject) => {
      const { PATH, NOTIFY_SOCKET } = env;
      const options = { env: { PATH, NOTIFY_SOCKET }, timeout: SEND_MS };
      execFile("systemd-notify", [message], options, (error) => (error === null ? resolve() : reject(error)));
    });
}
