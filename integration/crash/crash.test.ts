import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import fc from "#integration/rigs/properties.js";
import { Guest } from "./guest.js";
import { Model } from "./model.js";
import { expectedViews, observed } from "./observed.js";
import { runWorker } from "./run-worker.js";
import { instances, type ScriptStep, scriptOf, wholeLife } from "./script.js";
import { seeds } from "./seeds.js";
import { testSchedules } from "./test-schedules.js";

const length = 14;

/**
 * Where the sweep kills. Nothing lasting happens between the end of one effect and the beginning of the next, so the short
 * form kills after each effect and once within each image; the full form before and after every use of a port, and in each part of an
 * image.
 */
const effect =
  /^within|^after (catalog\.(open|openAll|advance|close|settle)|images\.(place|remove|removeDrive|discard)|hypervisor\.(attach|refresh|detach))$/;
const swept = (step: string, killAt: number, steps: readonly string[]) =>
  process.env.FORM === "full" || (effect.test(step) && steps[killAt - 1] !== step);

/** How one process of a schedule ends. */
type Kill = { readonly killAt: number } | { readonly killAfterMs: number };
const kill: fc.Arbitrary<Kill> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ killAt: fc.nat(70) }) },
  { weight: 1, arbitrary: fc.record({ killAfterMs: fc.nat(80) }) },
);

/** Runs a script in processes that are killed one after another; the last one comes to the end. */
async function runKilled(seed: number | "life", script: readonly ScriptStep[], kills: readonly Kill[]): Promise<void> {
  const directory = await privateDirectory("crash");
  for (const instance of instances) await mkdir(join(directory, "instances", instance), { recursive: true });
  try {
    await using guest = new Guest(directory);
    const model = new Model();
    const ids: string[] = [];
    let answered = 0;
    for (const end of [...kills, {}]) {
      const story = await runWorker({ directory, seed, length: script.length, answered, ids, ...end });
      expect(story.refusals).toEqual([]);
      for (const { answer, index, id } of story.answers) {
        expect(index).toBe(answered);
        const step = script[answered];
        if (step === undefined) throw new Error(`call ${index} is beyond the script`);
        expect({ index, step, answer }).toEqual({ index, step, answer: model.apply(step) });
        if (id !== undefined) ids.push(id);
        answered += 1;
      }
      await look(directory, model, script[answered], ids);
      if (story.finished) break;
    }
    expect(answered).toBe(script.length);
    expect(guest.faults).toEqual([]);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Everything answered is there and right; the call that was under way is done or not begun, nothing between. */
async function look(directory: string, model: Model, underWay: ScriptStep | undefined, ids: readonly string[]) {
  const { drives, faults, ids: there } = await observed(directory);
  expect(faults).toEqual([]);
  const before = expectedViews(model.drives);
  const after = model.copy();
  if (underWay !== undefined) after.apply(underWay);
  expect([before, expectedViews(after.drives)]).toContainEqual(drives);
  for (const [index, id] of ids.entries()) {
    if (after.drives[index]?.gone !== true) expect(there).toContain(id);
  }
}

test("a kill at every step of a drive's life", async () => {
  const script = wholeLife();
  const directory = await privateDirectory("crash");
  for (const instance of instances) await mkdir(join(directory, "instances", instance), { recursive: true });
  const { steps } = await runWorker({ directory, seed: "life", length: 0, answered: 0, ids: [] });
  await rm(directory, { recursive: true });
  const sweep = steps.flatMap((step, killAt) => (swept(step, killAt, steps) ? [killAt] : []));
  expect(sweep.length).toBeGreaterThan(30);
  const one = async () => {
    for (let killAt = sweep.shift(); killAt !== undefined; killAt = sweep.shift()) {
      await runKilled("life", script, [{ killAt }]);
    }
  };
  await Promise.all([one(), one()]);
}, 600_000);

testSchedules(
  { name: "processes of the service", atOnce: 2 },
  seeds(3, 40),
  async (seed) => {
    const [kills = []] = fc.sample(fc.array(kill, { minLength: 3, maxLength: 8 }), { seed, numRuns: 1 });
    await runKilled(seed, scriptOf(seed, length), kills);
  },
  120_000,
);
