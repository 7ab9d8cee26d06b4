import type { Connection } from "./connection.js";
import type { Endpoint } from "./dial.js";
import { Host, type Use } from "./host.js";
import { isConnectionLost } from "./refusals.js";

/** How long a connection that nobody uses stays open, in milliseconds: for what follows a question, and for a pass over many domains. */
const KEEP_MS = 1000;
/** As many as a pass of the reconciler uses at the same time; libvirtd takes 5,000 clients (`max_clients`). */
const MAX_KEPT = 16;

interface Kept {
  readonly connection: Connection;
  readonly end: NodeJS.Timeout;
}

/**
 * Connections to one daemon, each with one use at a time: a call that hangs holds up no other domain's. Connecting and opening the
 * driver cost more than most calls, so that a connection is kept for the next use, for a moment (`KEEP_MS`). That has it if libvirt has
 * answered everything by then, such as that a detach hears of no more events. One that was lost meanwhile, as when the daemon
 * restarted, is made anew.
 */
export class Connections {
  /** The one that was used last is at the end, and is taken first. */
  readonly #kept: Kept[] = [];
  /** Connections that close once libvirt has answered what was given up; no caller waits for that. */
  readonly #closing = new Set<Promise<void>>();

  constructor(private readonly endpoint: Endpoint) {}

  /** Lets work use a connection. */
  async use<T>(use: Use, work: (host: Host) => Promise<T>): Promise<T> {
    const kept = this.#take();
    if (kept !== undefined) {
      const { replies } = kept;
      try {
        return await this.#run(new Host(use, kept), work);
      } catch (error) {
        // The daemon ended while nobody asked: nothing was done yet.
        if (!isConnectionLost(error) || kept.replies > replies) throw error;
      }
    }
    return await this.#run(await Host.open(this.endpoint, use), work);
  }

  /** Closes what is open, and waits for it. Uses must have ended. */
  async close(): Promise<void> {
    for (let connection = this.#take(); connection !== undefined; connection = this.#take()) this.#close(connection);
    await Promise.all(this.#closing);
  }

  async #run<T>(host: Host, work: (host: Host) => Promise<T>): Promise<T> {
    try {
      return await work(host);
    } finally {
      this.#leave(host.connection);
    }
  }

  #leave(connection: Connection): void {
    if (!connection.willBeFree || this.#kept.length >= MAX_KEPT) {
      this.#close(connection);
      return;
    }
    const end = setTimeout(() => {
      const index = this.#kept.findIndex((kept) => kept.connection === connection);
      if (index >= 0) this.#kept.splice(index, 1);
      this.#close(connection);
    }, KEEP_MS);
    this.#kept.push({ connection, end });
  }

  #take(): Connection | undefined {
    for (let kept = this.#kept.pop(); kept !== undefined; kept = this.#kept.pop()) {
      clearTimeout(kept.end);
      if (kept.connection.isFree) return kept.connection;
      this.#close(kept.connection);
    }
    return undefined;
  }

  #close(connection: Connection): void {
    const closing = connection.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
