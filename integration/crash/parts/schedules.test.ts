import { contentDigest, largest, wholeLife } from "../script.js";
import { seeds } from "../seeds.js";
import { testSchedules } from "../test-schedules.js";
import { Journal } from "./journal.js";
import { Parts } from "./parts.js";
import { runSchedule, type UsualSteps } from "./run-schedule.js";
import { type Schedule, scheduleOf } from "./schedule.js";

const run = seeds(20, 100);
let parts: Parts;
let usual: UsualSteps = new Map();
/** Digests of everything that a guest may see. */
const known = new Set<string>();

/** Plays a schedule on machines that have nothing, with a queue that holds nothing. */
async function play(schedule: Schedule, name: string): Promise<{ readonly steps: UsualSteps; readonly kills: number }> {
  for (const { step } of schedule.calls) if (step.call === "populate") known.add(contentDigest(step.content));
  const journal = new Journal(name);
  try {
    const told = await runSchedule(schedule, parts, usual, journal);
    for (const machine of parts.machines) expect(await machine.faults(known)).toEqual([]);
    return told;
  } finally {
    await parts.clear();
    journal.note("everything is cleared");
    journal.keep();
  }
}

beforeAll(async () => {
  parts = await Parts.start(new Set(run.seeds.map((seed) => scheduleOf(seed).database)));
  // A life in which nobody is killed says how many steps each call has.
  const calls = wholeLife().map((step) => ({ step: largest(step), door: "bus" as const, faults: [] }));
  usual = (await play({ seed: 0, database: "sqlite", calls }, "life")).steps;
}, 240_000);
afterAll(() => parts?.[Symbol.asyncDispose](), 60_000);

test("every call of a life stops at commits, files, machines and replies", () => {
  expect([...usual.keys()].toSorted()).toEqual(["attach", "delete", "detach", "populate", "refresh", "release"]);
  for (const steps of usual.values()) expect(steps).toBeGreaterThan(4);
});

let kills = 0;
testSchedules(
  { name: "all parts", atOnce: 1 },
  run,
  async (seed) => {
    kills += (await play(scheduleOf(seed), `seed-${seed}`)).kills;
  },
  300_000,
);

test("most schedules killed somebody, and a guest read all the time", async () => {
  // A few of them may kill nobody.
  const { length } = run.seeds;
  if (length >= 10) expect(kills).toBeGreaterThan(length);
  const reads = await Promise.all(parts.machines.map((machine) => machine.reads()));
  expect(Math.max(...reads)).toBeGreaterThan(length);
});
