import type { Clock, Logger, Random } from "../ports.js";
import { sleep } from "../sleep.js";
import { whenAborted } from "../when-aborted.js";
import type { TransportHost } from "../wire/transport-url.js";
import { BackOff } from "./back-off.js";
import type { BrokerSession } from "./broker-session.js";
import { Complaints } from "./complaints.js";
import { ConnectFailure } from "./connect-failure.js";
import type { ConnectionSettings } from "./connection-settings.js";
import type { ConnectionState } from "./connection-state.js";
import { HostRotation } from "./host-rotation.js";
import { openSession } from "./open-session.js";

export interface ConnectionPorts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
}

type StateListener = (state: ConnectionState) => void;
interface Waiter {
  resolve(session: BrokerSession): void;
  reject(reason: unknown): void;
}

/**
 * A connection to the brokers of one transport that is held for ever: a lost one is replaced, host after host, until `close`.
 * Who needs the bus asks for the present `session` and asks again when that one is lost.
 */
export class BusConnection implements AsyncDisposable {
  readonly #settings: ConnectionSettings;
  readonly #ports: ConnectionPorts;
  readonly #hosts: HostRotation<TransportHost>;
  readonly #backOff: BackOff;
  readonly #complaints: Complaints;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<Waiter>();
  readonly #listeners = new Set<StateListener>();
  #session: BrokerSession | undefined;
  #state: ConnectionState;
  #running: Promise<void> | undefined;

  /** @throws RangeError when the settings name no host. */
  constructor(settings: ConnectionSettings, ports: ConnectionPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#hosts = new HostRotation(settings.hosts, ports.random);
    this.#backOff = new BackOff(settings.backOff, ports.random);
    this.#complaints = new Complaints(ports);
    this.#state = { kind: "connecting", since: ports.clock.now() };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Calls `listener` at each change of state until the returned function is called. */
  onState(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to connect, and returns at once; a broker that is away is not an error. */
  start(): void {
    this.#running ??= this.#run();
  }

  /**
   * The live session, or the next one.
   * @throws the signal's reason when it aborts first; an Error when the connection is closed.
   */
  session(signal: AbortSignal): Promise<BrokerSession> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    if (this.#session?.lost.aborted === false) return Promise.resolve(this.#session);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const settle =
        <Value>(how: (value: Value) => void) =>
        (value: Value): void => {
          signal.removeEventListener("abort", onAbort);
          how(value);
        };
      const waiter: Waiter = { resolve: settle(resolve), reject: settle(reject) };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Closes the live session in order, or by force once `signal` aborts; whoever waits for one is told so. */
  async close(signal: AbortSignal = AbortSignal.timeout(1000)): Promise<void> {
    const reason = new Error("the bus connection is closed");
    const session = this.#session;
    this.#closing.abort(reason);
    for (const waiter of this.#waiters) waiter.reject(reason);
    this.#waiters.clear();
    await session?.close(signal);
    await this.#running;
    this.#become({ kind: "closed", since: this.#ports.clock.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(): Promise<void> {
    const { logger, clock } = this.#ports;
    while (!this.#closing.signal.aborted) {
      const session = await this.#connect();
      if (session === undefined) return;
      this.#backOff.reset();
      this.#complaints.forget();
      this.#session = session;
      this.#become({ kind: "connected", since: clock.now(), address: session.address });
      logger.info({ broker: session.address, connection: this.#settings.name }, "connected to the message bus");
      for (const waiter of this.#waiters) waiter.resolve(session);
      this.#waiters.clear();
      await whenAborted(session.lost);
      this.#session = undefined;
      if (this.#closing.signal.aborted) return;
      logger.warn({ broker: session.address, err: session.lost.reason }, "lost the message bus");
      this.#become({ kind: "connecting", since: clock.now() });
      await this.#splay();
    }
  }

  async #splay(): Promise<void> {
    const { clock, random } = this.#ports;
    const splayMs = this.#settings.splayMs * random();
    if (splayMs > 0) await sleep(clock, splayMs, this.#closing.signal).catch(() => undefined);
  }

  /** Tries one host after the other, and rests after each full round. Undefined once the connection is closing. */
  async #connect(): Promise<BrokerSession | undefined> {
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      const session = await this.#attempt();
      if (!(session instanceof ConnectFailure)) return session;
      if (attempt % this.#hosts.count !== 0) continue;
      await this.#rest(session);
    }
    return undefined;
  }

  async #attempt(): Promise<BrokerSession | ConnectFailure | undefined> {
    const host = this.#hosts.next();
    const onBlocked = (reason: string | undefined): void => this.#block(reason);
    try {
      return await openSession(host, this.#settings, onBlocked, this.#ports, this.#closing.signal);
    } catch (error) {
      if (this.#closing.signal.aborted) return undefined;
      if (!(error instanceof ConnectFailure)) throw error;
      this.#complaints.say(error);
      return error;
    }
  }

  async #rest(failure: ConnectFailure): Promise<void> {
    const { clock } = this.#ports;
    const retryInMs = this.#backOff.next(failure.kind);
    this.#become({ kind: "waiting", since: clock.now(), reason: failure.message, retryInMs });
    await sleep(clock, retryInMs, this.#closing.signal).catch(() => undefined);
  }

  #block(reason: string | undefined): void {
    const session = this.#session;
    if (session === undefined) return;
    const { logger, clock } = this.#ports;
    const { address } = session;
    if (reason === undefined) {
      logger.info({ broker: address }, "the message bus takes messages again");
      this.#become({ kind: "connected", since: clock.now(), address });
    } else {
      logger.warn({ broker: address, reason }, "the message bus takes no messages for now");
      this.#become({ kind: "blocked", since: clock.now(), address, reason });
    }
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
