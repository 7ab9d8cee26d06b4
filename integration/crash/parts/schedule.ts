import { type DatabaseKind, databaseKinds } from "#integration/rigs/databases.js";
import fc from "#integration/rigs/properties.js";
import { largest, type ScriptStep, scriptOf } from "../script.js";

/** What can be killed. */
export const victims = ["service", "database", "broker", "i1", "i2"] as const;
export type Victim = (typeof victims)[number];

/** One kill. */
export interface Fault {
  readonly victim: Victim;
  /** The step of the call at which it happens; counted from the beginning again where the call usually has fewer. */
  readonly step: number;
  /** How long the victim stays away, in milliseconds; 0: the service stands still until it is back. */
  readonly awayMs: number;
}

/** One call and what happens meanwhile. */
export interface ScheduledCall {
  readonly step: ScriptStep;
  readonly door: "gRPC" | "bus";
  readonly faults: readonly Fault[];
}

/** What a seed stands for. */
export interface Schedule {
  readonly seed: number;
  readonly database: DatabaseKind;
  readonly calls: readonly ScheduledCall[];
}

const calls = 8;

const victim = fc.oneof(
  { weight: 5, arbitrary: fc.constant("service" as const) },
  { weight: 4, arbitrary: fc.constant("database" as const) },
  { weight: 1, arbitrary: fc.constant("broker" as const) },
  { weight: 1, arbitrary: fc.constant("i1" as const) },
  { weight: 3, arbitrary: fc.constant("i2" as const) },
);
const fault: fc.Arbitrary<Fault> = fc.record({
  victim,
  step: fc.nat(9999),
  awayMs: fc.oneof(fc.constant(0), fc.nat(1500)),
});
const faults = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(fault, { minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.array(fault, { minLength: 2, maxLength: 2 }) },
);
const circumstances = fc.record({
  database: fc.constantFrom(...databaseKinds),
  around: fc.array(fc.record({ door: fc.constantFrom("gRPC" as const, "bus" as const), faults }), {
    minLength: calls,
    maxLength: calls,
  }),
});

/**
 * The schedule of a seed: the same one every time. It begins with two drives, which all its calls are about. All contents have one
 * size: Linux may keep the size that a CD had when it is opened in the very moment of a change, and then reads a part of the new one.
 */
export function scheduleOf(seed: number): Schedule {
  const [drawn] = fc.sample(circumstances, { seed, numRuns: 1 });
  if (drawn === undefined) throw new Error("nothing was drawn");
  const script = [...twoDrives(seed), ...scriptOf(seed, calls - 2).map(aboutTwo)].map(largest);
  return {
    seed,
    database: drawn.database,
    calls: drawn.around.map((one, index) => ({ ...one, step: script[index]! })),
  };
}

function twoDrives(seed: number): readonly ScriptStep[] {
  return [1, 2].map((number) => ({
    call: "populate",
    requestId: `00000000-0000-4000-8000-00000000000${number}`,
    drive: undefined,
    content: number * seed,
    whenAttached: "refuse",
  }));
}

function aboutTwo(step: ScriptStep): ScriptStep {
  if (step.call === "populate") return { ...step, drive: (step.drive ?? 0) % 2 };
  return step.call === "release" ? step : { ...step, drive: step.drive % 2 };
}
