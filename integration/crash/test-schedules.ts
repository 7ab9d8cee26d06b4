import { appendFile, mkdir } from "node:fs/promises";
import type { Seeds } from "./seeds.js";

/** What schedules are played on. */
export interface Ground {
  readonly name: string;
  /** How many can be played at the same time. */
  readonly atOnce: number;
}

/**
 * A test for each schedule. `.cache/crash/ran.log` gets a line of what ran, since a long run is done in slices.
 */
export function testSchedules(
  { name, atOnce }: Ground,
  { seeds, slice }: Seeds,
  play: (seed: number) => Promise<void>,
  timeoutMs: number,
): void {
  const begun = performance.now();
  const red = new Set<number>();
  let green = 0;
  const playing = new Map<number, Promise<void>>();
  const begin = (seed: number) => {
    const played = playing.get(seed) ?? play(seed);
    // Its own test hears of it.
    played.catch(() => undefined);
    playing.set(seed, played);
    return played;
  };
  test.each(seeds)(
    "schedule %i",
    async (seed) => {
      red.add(seed);
      const played = begin(seed);
      const at = seeds.indexOf(seed);
      for (const next of seeds.slice(at + 1, at + atOnce)) begin(next);
      await played;
      red.delete(seed);
      green += 1;
    },
    timeoutMs,
  );
  afterAll(async () => {
    await Promise.allSettled(playing.values());
    const seconds = Math.round((performance.now() - begun) / 1000);
    const failed = red.size === 0 ? "" : `; failed: ${[...red].join(" ")}`;
    const range = `seeds ${seeds[0]} to ${seeds.at(-1)}, slice ${slice}`;
    await mkdir(".cache/crash", { recursive: true });
    const line = `${new Date().toISOString()} ${name}, ${range}: ${green} of ${green + red.size} passed in ${seconds} s${failed}\n`;
    await appendFile(".cache/crash/ran.log", line);
  });
}
