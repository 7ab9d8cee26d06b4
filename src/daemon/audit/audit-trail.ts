import type { Event } from "#bus/notification/notification-publisher.js";
import type { Clock, Logger } from "#bus/ports.js";
import { sleep } from "#bus/sleep.js";
import { whenAborted } from "#bus/when-aborted.js";

/** Events that are on their way to the broker at a time: enough that none waits for the confirmation of another. */
const LANES = 16;
/** The pause before an event is tried again that the broker did not take, in milliseconds. */
const PAUSE_MS = 1000;

/** What the trail is made of. */
export interface AuditTrailSetup {
  /** Most events that wait. */
  readonly most: number;
  /** Resolves when the broker has the event. @throws when it does not take it, or is away for too long, or the signal aborts */
  readonly send: (event: Event, signal: AbortSignal) => Promise<void>;
  /** Told of each event when it is out, or given up. */
  readonly over: (result: "published" | "dropped") => void;
  /** Told how many events the broker does not have yet. */
  readonly waiting: (count: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Events on their way to the broker, about in the order in which they happened. Whoever records one waits for nothing: an event waits in
 * memory, is tried again for as long as the broker is away, and is given up where too many wait already.
 */
export class AuditTrail {
  readonly #waiting: Event[] = [];
  readonly #lanes = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #underWay = 0;
  #dropped = 0;
  #closed = false;
  /** The broker does not take events at the moment; said once. */
  #failing = false;
  /** There was no room for the last event; said once. */
  #full = false;

  constructor(private readonly setup: AuditTrailSetup) {}

  /** Takes an event over, or drops it. */
  record(event: Event): void {
    if (this.#closed || this.#waiting.length + this.#underWay >= this.setup.most) {
      if (!this.#full) this.setup.logger.error({ event: "audit_full" }, "audit events are dropped: too many wait");
      this.#full = true;
      this.#drop();
      return;
    }
    this.#full = false;
    this.#waiting.push(event);
    this.#tell();
    if (this.#lanes.size >= LANES) return;
    const lane = this.#sendAll().finally(() => this.#lanes.delete(lane));
    this.#lanes.add(lane);
  }

  /**
   * Takes nothing more, and waits until the broker has everything or the signal aborts; what is left then is dropped.
   * @returns how many events were dropped since the start
   */
  async close(signal: AbortSignal): Promise<number> {
    this.#closed = true;
    await Promise.race([Promise.all(this.#lanes), whenAborted(signal)]);
    this.#stopping.abort(new Error("the audit trail is closed"));
    for (const _ of this.#waiting.splice(0)) this.#drop();
    await Promise.all(this.#lanes);
    return this.#dropped;
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
      this.#underWay++;
      const sent = await this.#send(event);
      this.#underWay--;
      if (sent) this.setup.over("published");
      else this.#drop();
      this.#tell();
    }
  }

  /** Tries until it is out; gives `false` where the trail was closed before. */
  async #send(event: Event): Promise<boolean> {
    const { send, clock, logger } = this.setup;
    for (;;) {
      try {
        await send(event, this.#stopping.signal);
        if (this.#failing) logger.info({ event: "audit" }, "audit events are published again");
        this.#failing = false;
        return true;
      } catch (error) {
        if (this.#stopping.signal.aborted) return false;
        if (!this.#failing) logger.warn({ event: "audit_waits", err: error }, "audit events wait for the broker");
        this.#failing = true;
      }
      await sleep(clock, PAUSE_MS, this.#stopping.signal).catch(() => undefined);
      if (this.#stopping.signal.aborted) return false;
    }
  }

  #drop(): void {
    this.#dropped++;
    this.setup.over("dropped");
  }

  #tell(): void {
    this.setup.waiting(this.#waiting.length + this.#underWay);
  }
}
