import { setTimeout as pause } from "node:timers/promises";
import type { DatabaseServer } from "#integration/rigs/database-server.js";
import { Service, type ServiceOptions } from "#integration/rigs/service.js";
import { stepping } from "#integration/rigs/stepping.js";
import type { Journal } from "./journal.js";
import type { Parts } from "./parts.js";
import type { Fault, Victim } from "./schedule.js";

/** Longest time until everybody is back who was killed. */
const backMs = 120_000;

/**
 * Runs the real service with a stop at everything that lasts (`rigs/stepping.ts`), and kills at those stops whom it was armed to kill. Whoever
 * was killed comes back: the service as a supervisor brings it back, again and again where it ends at its start, such as while
 * its database is away.
 */
export class Killer implements AsyncDisposable {
  /** Whom it has killed since it was armed, so far. */
  readonly killed = new Set<Victim>();
  private faults: readonly Fault[] = [];
  private steps = 0;
  private readonly away = new Map<Victim, Promise<void>>();
  private killing: Promise<void> = Promise.resolve();
  private failure: unknown;
  private made: Service | undefined;

  private constructor(
    private readonly parts: Parts,
    private readonly server: DatabaseServer | undefined,
    private readonly journal: Journal,
  ) {}

  /** @param server - of the service's database; without one, the service is killed in place of it */
  static async start(
    parts: Parts,
    options: ServiceOptions,
    server: DatabaseServer | undefined,
    journal: Journal,
  ): Promise<Killer> {
    const killer = new Killer(parts, server, journal);
    killer.made = await Service.make({ ...options, preload: stepping((at) => killer.#step(at)) });
    try {
      await killer.#bring("service");
      await killer.recovered();
      return killer;
    } catch (error) {
      await killer[Symbol.asyncDispose]();
      throw error;
    }
  }

  get service(): Service {
    if (this.made === undefined) throw new Error("the service was not made");
    return this.made;
  }

  /** Steps that the service has come to since it was armed. */
  get stepsDone(): number {
    return this.steps;
  }

  /** Begins to count steps, and kills at some of them. */
  arm(faults: readonly Fault[]): void {
    this.faults = faults;
    this.steps = 0;
    this.killed.clear();
  }

  /** Kills nobody any more, also not at a step that comes after the call was answered. @returns whom it has killed since it was armed */
  async disarm(): Promise<ReadonlySet<Victim>> {
    this.faults = [];
    await this.killing;
    return new Set(this.killed);
  }

  /** Kills the service now. */
  async killService(): Promise<void> {
    await this.#kill({ victim: "service", step: 0, awayMs: 0 });
  }

  /** Ends when everybody runs again and the service serves, at the bus too. */
  async recovered(): Promise<void> {
    const end = performance.now() + backMs;
    await this.killing;
    while (this.away.size > 0) await Promise.all(this.away.values());
    for (const name of ["", "configdrive.bus"]) await this.service.healthy(name, end - performance.now());
    if (this.failure !== undefined) throw this.failure;
  }

  /** Ends the service for good; what it left stays until this is disposed of. */
  async end(): Promise<void> {
    await this.recovered();
    await this.service.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.away.values());
    if (this.made?.alive === true) await this.made.kill();
    await this.made?.stop();
  }

  async #step(at: string): Promise<void> {
    this.steps += 1;
    this.killing = this.#killAt(at).catch((error: unknown) => {
      this.failure ??= error;
    });
    await this.killing;
  }

  async #killAt(at: string): Promise<void> {
    for (const fault of this.faults) if (fault.step === this.steps) await this.#kill(fault, at);
  }

  async #kill(fault: Fault, at = "rest"): Promise<void> {
    const victim = fault.victim === "database" && this.server === undefined ? "service" : fault.victim;
    if (this.away.has(victim) && victim !== "service") return;
    this.journal.note(`kill ${victim} at step ${this.steps}, ${at}; away ${fault.awayMs} ms`);
    this.killed.add(victim);
    await this.#end(victim);
    // Its supervisor sees that it ended.
    if (this.away.has(victim)) return;
    const waits = fault.awayMs === 0 || victim === "service" ? undefined : pause(fault.awayMs);
    const back = (async () => {
      await waits;
      await this.#bring(victim);
    })()
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => {
        this.away.delete(victim);
        this.journal.note(`${victim} is back`);
      });
    this.away.set(victim, back);
    if (waits === undefined && victim !== "service") await back;
  }

  async #end(victim: Victim): Promise<void> {
    if (victim === "service") await this.service.kill();
    else if (victim === "database") await this.server?.kill();
    else if (victim === "broker") await this.parts.broker.kill();
    else await this.parts.machine(victim).kill();
  }

  async #bring(victim: Victim): Promise<void> {
    if (victim === "database") return await this.server?.start();
    if (victim === "broker") return await this.parts.broker.start();
    if (victim !== "service") return await this.parts.machine(victim).start();
    const end = performance.now() + backMs;
    do {
      try {
        await this.service.start();
      } catch (error) {
        if (this.service.alive || performance.now() > end) throw error;
      }
    } while (!this.service.alive);
    this.service.prepare();
  }
}
