import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { provenFile, readProven, withProven } from "#adapters/proven.js";
import type { Hypervisor } from "#drive/hypervisor.js";
import { Scope } from "#integration/rigs/scope.js";
import type { Backend, BackendKind, Instance } from "./backend.js";
import { type Case, type Round, wait } from "./case.js";
import { backendCases } from "./cases/backend-cases.js";
import { deviceCases } from "./cases/device-cases.js";
import { instanceCases } from "./cases/instance-cases.js";
import { testedCommit } from "./commit.js";
import { Results } from "./results.js";

/** Every case of the suite. */
export const cases: readonly Case[] = [...deviceCases, ...instanceCases, ...backendCases];

const FULL = process.env.FORM === "full";
/** How often each case is played in full. */
const TURNS = Number(process.env.TURNS ?? 10);
const PATIENT = { answerMs: 30_000, unplugMs: 60_000 };
const TURN_MS = 90_000;

/** The cases that a backend can be put through. */
export function casesFor({
  abilities,
  drives: most = Number.POSITIVE_INFINITY,
}: Pick<BackendKind, "abilities" | "drives">): readonly Case[] {
  return cases.filter(
    ({ needs, drives = 1 }) => drives <= most && needs.every((ability) => abilities.includes(ability)),
  );
}

/** How often each case is played in the two forms of the suite. */
interface Turns {
  readonly short: number;
  readonly full: number;
}

/**
 * Holds one backend to the `Hypervisor` port: each case that it can be put through, ten times, on its machines and devices in
 * turn. In the short form it is twice, or once where the case boots a guest. A backend that does not start fails every case.
 * @param turns - fewer, for a backend whose adapter is held to the port by another one, too
 */
export function holdToThePort(kind: BackendKind, { short = 2, full = TURNS }: Partial<Turns> = {}): void {
  describe(`${kind.adapter}, ${kind.where}`, () => {
    const results = new Results(kind, casesFor(kind));
    let stage: Stage | undefined;
    beforeAll(async () => {
      stage = await Stage.open(kind);
    }, 120_000);
    afterAll(async () => {
      await using over = stage;
      if (FULL && over !== undefined) record(results, over.against);
    }, 60_000);

    for (const one of casesFor(kind)) {
      const times = FULL ? full : one.boots === true ? 1 : short;
      const run = async () => {
        results.begun(one);
        if (stage === undefined) throw new Error(`${kind.adapter} did not start`);
        for (let time = 0; time < times; time += 1) await stage.play(one, time);
        results.passed(one, times, kind.forms.slice(0, times));
      };
      test(`${one.title} (${times} ${times === 1 ? "time" : "times"})`, run, times * (kind.turnMs ?? TURN_MS));
    }

    test("after all of them nothing is kept for any drive", async () => {
      expect(await stage?.kept()).toEqual([]);
    });
  });
}

/** Puts what was proven of a backend into adapters/proven.json, in the place of what stands there of it. */
function record(results: Results, against: string): void {
  const date = new Date().toISOString().slice(0, 10);
  const proven = results.proven({ against, date, commit: testedCommit() });
  if (proven !== undefined) writeFileSync(provenFile, withProven(readProven(), proven));
}

/** A backend that was started, with an instance of each machine that the cases share. */
class Stage implements AsyncDisposable {
  readonly #shared = new Map<string, Instance>();

  private constructor(
    private readonly kind: BackendKind,
    private readonly scope: Scope,
    private readonly backend: Backend,
    private readonly hypervisor: Hypervisor,
  ) {}

  static async open(kind: BackendKind): Promise<Stage> {
    const scope = new Scope();
    const backend = await scope.own(kind.start());
    return new Stage(kind, scope, backend, backend.open(PATIENT));
  }

  /** One turn of a case. What it leaves on the shared instance is taken away before the next one. */
  async play(one: Case, time: number): Promise<void> {
    await using scope = new Scope();
    const { kind, backend, hypervisor } = this;
    const machine = itemAt(kind.machines, time);
    const round: Round = {
      backend,
      hypervisor,
      abilities: kind.abilities,
      machine,
      form: itemAt(kind.forms, time),
      driveId: randomUUID(),
      running: () => this.#running(machine),
      instance: () => scope.own(backend.instance(machine)),
    };
    await one.run(round);
  }

  /** What runs, with versions. */
  get against(): string {
    return this.backend.against;
  }

  /** What the adapter has left on the backend's host. */
  async kept(): Promise<readonly string[]> {
    return (await this.backend.kept?.()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hypervisor.close();
    await this.scope[Symbol.asyncDispose]();
  }

  async #running(machine: string): Promise<Instance> {
    const standing = this.#shared.get(machine);
    if (standing === undefined) {
      const instance = await this.scope.own(this.backend.instance(machine));
      await instance.start();
      await instance.booted();
      this.#shared.set(machine, instance);
      return instance;
    }
    await standing.resume?.().catch(() => undefined);
    for (const { driveId, deviceName } of (await this.hypervisor.observe(standing.id, wait())) ?? []) {
      const device = { kind: "disk", bus: "virtio", name: deviceName, reason: "" } as const;
      await this.hypervisor.detach(standing.id, driveId, device, true, wait());
    }
    return standing;
  }
}

function itemAt<T>(items: readonly T[], turn: number): T {
  const item = items[turn % items.length];
  if (item === undefined) throw new Error("a backend without machines or devices");
  return item;
}
