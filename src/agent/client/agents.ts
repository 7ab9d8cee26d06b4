import { parseVersion } from "#bus/wire/version.js";
import type { HostState, HostView } from "#drive/hosts.js";
import { Refusal } from "#drive/refusal.js";
import { PROTOCOL_VERSION } from "../protocol.js";
import type { HostReport } from "../report.js";
import { unreachable } from "./unreachable.js";

/** So many reports may be missed before an agent is taken for away. */
const MISSED = 3;

/** One agent; times in milliseconds of the service's clock. */
interface Heard {
  readonly report: HostReport;
  readonly firstAt: number;
  readonly lastAt: number;
  /** It took its leave, or did not answer a call since its last report. */
  readonly gone: boolean;
}

/** How long a host that is not there is reckoned with; in milliseconds. */
export interface Patience {
  /** For so long after the start a host may be there although nothing was heard of it. */
  readonly graceMs: number;
  /** For so long after an agent took its leave another one is expected, as where it is exchanged. */
  readonly returnMs: number;
}

/** What became of a host; for the log, and for who waits for it. */
export type HostChange = (host: string, state: HostState, report: HostReport) => void;

/** Which agents there are: what they reported, and whether they still do. Each service keeps this for itself, in memory. */
export class Agents {
  /** By host, and there by agent. */
  readonly #heard = new Map<string, Map<string, Heard>>();
  readonly #told = new Map<string, HostState>();
  readonly #since: number;
  /** Who waits for an agent that is expected back, by host. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  /**
   * @param now milliseconds, never backwards
   * @param wall the time of day, for people
   * @param onChange hears of every change of a host's state, and of an agent that was started anew
   */
  constructor(
    private readonly now: () => number,
    private readonly wall: () => Date,
    private readonly patience: Patience,
    private readonly onChange: HostChange,
  ) {
    this.#since = now();
  }

  /** Takes a report. */
  heard(report: HostReport): void {
    const { host, agentId, leaving } = report;
    const agents = this.#heard.get(host) ?? new Map<string, Heard>();
    this.#heard.set(host, agents);
    const at = this.now();
    for (const [id, heard] of agents) if (id !== agentId && !this.#isAlive(heard)) agents.delete(id);
    const before = agents.get(agentId);
    agents.set(agentId, { report, firstAt: before?.firstAt ?? at, lastAt: at, gone: leaving });
    if (before === undefined) this.#told.delete(host);
    this.#tell(host);
  }

  /** Nothing was heard in answer to a call: the host is away until it reports again. */
  silent(host: string): void {
    const agents = this.#heard.get(host);
    for (const [id, heard] of agents ?? []) agents?.set(id, { ...heard, gone: true });
    this.#tell(host);
  }

  /** Looks for hosts that were not heard of any more; to be called every so often. */
  tick(): void {
    for (const host of this.#heard.keys()) this.#tell(host);
  }

  /** Whether the host's agent took its leave a short while ago, so that the next one is waited for. */
  isExpected(host: string): boolean {
    const newest = this.#newest(host);
    if (this.#closed || newest?.report.leaving !== true) return false;
    return this.stateOf(host) === "AWAY" && this.now() - newest.lastAt < this.patience.returnMs;
  }

  /** Waits for as long as the host's next agent is expected. Ends with the signal, too. */
  async returned(host: string, signal: AbortSignal): Promise<void> {
    if (!this.isExpected(host)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const goOn = () => resolve();
    const waiting = this.#waiting.get(host) ?? new Set();
    this.#waiting.set(host, waiting.add(goOn));
    signal.addEventListener("abort", goOn);
    if (signal.aborted) goOn();
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", goOn);
      waiting.delete(goOn);
    }
  }

  /** Nobody is waited for any more. */
  close(): void {
    this.#closed = true;
    this.tick();
  }

  /** The agent that was last heard of on the host; another one for every start. */
  agentOn(host: string): string | undefined {
    return this.#newest(host)?.report.agentId;
  }

  /** Whether hosts may be there that nothing was heard of yet. */
  get early(): boolean {
    return this.now() - this.#since < this.patience.graceMs;
  }

  /** The host's state; `undefined` for one that was never heard of. */
  stateOf(host: string): HostState | undefined {
    const agents = this.#heard.get(host);
    if (agents === undefined) return undefined;
    const alive = [...agents.values()].filter((heard) => this.#isAlive(heard)).sort((a, b) => a.firstAt - b.firstAt);
    if (alive.length === 0) return "AWAY";
    // One that was started anew is heard of after the last of the one before; two that go on in turn are two.
    const rivals = alive.some(({ lastAt }, index) => alive.slice(index + 1).some(({ firstAt }) => firstAt < lastAt));
    return rivals ? "AMBIGUOUS" : "PRESENT";
  }

  /**
   * The version to speak to the host's agent: the newest that both sides have.
   * Refusals: HOST_UNREACHABLE where the host is not there, or two agents claim it, or it speaks another major version.
   */
  versionFor(host: string): string {
    const state = this.stateOf(host);
    if (state === undefined) throw unreachable(host, "nothing was heard of it yet");
    if (state === "AWAY") throw unreachable(host, "it was not heard of lately");
    if (state === "AMBIGUOUS")
      throw unreachable(host, "two agents claim the name, and which one would act is not known");
    const theirs = this.#newest(host)?.report.protocolVersion ?? "";
    const [own, other] = [parseVersion(PROTOCOL_VERSION), parseVersion(theirs)];
    if (own === undefined || other === undefined || own.major !== other.major) {
      throw unreachable(host, `it speaks version ${theirs} of the protocol, this service ${PROTOCOL_VERSION}`);
    }
    return other.minor < own.minor ? theirs : PROTOCOL_VERSION;
  }

  /** Refuses a host that a request names and that nothing was heard of: HOST_UNKNOWN, or HOST_UNREACHABLE while that is early. */
  require(host: string): void {
    if (this.#heard.has(host)) return;
    const names = [...this.#heard.keys()].sort().join(", ");
    const there = names === "" ? "no agent was heard of yet" : `agents are on ${names}`;
    if (this.early) throw unreachable(host, `nothing was heard of it since this service began; ${there}`);
    throw new Refusal("HOST_UNKNOWN", `there is no agent on host ${host}; ${there}`, {
      metadata: { host },
      violations: [{ field: "host", rule: there }],
    });
  }

  /** The hosts where instances can be run now, or when one is back that is expected. Refusals: as `Hosts.launching`. */
  launching(): readonly string[] {
    const all = this.view().filter(({ launches }) => launches);
    const present = all.filter(({ state }) => state === "PRESENT").map(({ host }) => host);
    if (present.length > 0) return present;
    const expected = all.map(({ host }) => host).filter((host) => this.isExpected(host));
    if (expected.length > 0) return expected;
    const [away] = all;
    if (away !== undefined) throw unreachable(away.host, "it runs instances, and nobody else who does is there");
    if (this.early) throw unreachable("", "no host that runs instances was heard of since this service began");
    throw new Refusal("LAUNCH_NOT_AVAILABLE", "no agent that was heard of runs instances");
  }

  /** What shows drives on the host, as it last said. */
  hypervisorOf(host: string): HostView["hypervisor"] | undefined {
    return this.#newest(host)?.report.hypervisor;
  }

  /** Every host that was heard of, by name. */
  view(): readonly HostView[] {
    const at = this.now();
    const wall = this.wall().getTime();
    return [...this.#heard.keys()].sort().flatMap((host) => {
      const newest = this.#newest(host);
      const state = this.stateOf(host);
      if (newest === undefined || state === undefined) return [];
      const { hypervisor, launches, programVersion: version } = newest.report;
      return [{ host, state, hypervisor, launches, version, seenAt: new Date(wall - (at - newest.lastAt)) }];
    });
  }

  #newest(host: string): Heard | undefined {
    return [...(this.#heard.get(host)?.values() ?? [])].reverse().sort((a, b) => b.lastAt - a.lastAt)[0];
  }

  #isAlive({ report, lastAt, gone }: Heard): boolean {
    return !gone && this.now() - lastAt < MISSED * report.intervalMs;
  }

  #tell(host: string): void {
    if (!this.isExpected(host)) for (const goOn of this.#waiting.get(host) ?? []) goOn();
    const [state, newest] = [this.stateOf(host), this.#newest(host)];
    if (state === undefined || newest === undefined || this.#told.get(host) === state) return;
    this.#told.set(host, state);
    this.onChange(host, state, newest.report);
  }
}
