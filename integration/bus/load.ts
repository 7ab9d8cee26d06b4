import { setTimeout as pause } from "node:timers/promises";
import type { RpcClient } from "#bus/client/rpc-client.js";
import type { RpcTarget } from "#bus/client/target.js";

const CALLERS = 8;
const CASTERS = 4;
/** Between two requests of one caller: a load, not a benchmark. */
const PAUSE_MS = 5;

interface Call {
  readonly ok: boolean;
  readonly endedAt: number;
  /** How long it outlived its limit, as a timer set beside it tells, which a busy process holds up just as long; 0 if it did not. */
  readonly overdueMs: number;
}

/** Calls and casts without end, and what became of each. */
export class Load {
  readonly calls: Call[] = [];
  /** The numbers of the casts that the broker confirmed. */
  readonly confirmed: number[] = [];
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[];
  #casts = 0;

  /**
   * @param run tells its casts from those of others on the same queues
   * @param timeoutMs of each request
   */
  constructor(
    private readonly client: RpcClient,
    private readonly target: RpcTarget,
    private readonly run: string,
    readonly timeoutMs: number,
  ) {
    this.#loops = [
      ...Array.from({ length: CALLERS }, () => this.#repeat(() => this.#call())),
      ...Array.from({ length: CASTERS }, () => this.#repeat(() => this.#cast())),
    ];
  }

  /** The longest that any call outlived its limit, in milliseconds. */
  get longestOverdueMs(): number {
    return this.calls.reduce((longest, { overdueMs }) => Math.max(longest, overdueMs), 0);
  }

  /** How long after a moment (of `performance.now()`) the first call came through; undefined when none has yet. */
  firstSuccessAfter(moment: number): number | undefined {
    const first = this.calls.find(({ ok, endedAt }) => ok && endedAt > moment);
    return first === undefined ? undefined : first.endedAt - moment;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #repeat(request: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await request();
      await pause(PAUSE_MS);
    }
  }

  async #call(): Promise<void> {
    let limit = Number.POSITIVE_INFINITY;
    const timer = setTimeout(() => {
      limit = performance.now();
    }, this.timeoutMs);
    const args = { value: "x".repeat(200) };
    const ok = await this.client.call(this.target, "echo", args, { timeoutMs: this.timeoutMs }).then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    const endedAt = performance.now();
    this.calls.push({ ok, endedAt, overdueMs: Math.max(0, endedAt - limit) });
  }

  async #cast(): Promise<void> {
    const number = ++this.#casts;
    const sent = await this.client
      .cast(this.target, "note", { run: this.run, number }, { timeoutMs: this.timeoutMs })
      .then(
        () => true,
        () => false,
      );
    if (sent) this.confirmed.push(number);
  }
}
