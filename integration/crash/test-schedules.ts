import { appendFile, mkdir } from "node:fs/promises";
import type { Seeds } from "./seeds.js";

/**
 * A test for each schedule. `.cache/crash/ran.log` gets a line of what ran, since a long run is done in slices.
 * @param kind - what the schedules are played on
 */
export function testSchedules(
  kind: string,
  { seeds, slice }: Seeds,
  play: (seed: number) => Promise<void>,
  timeoutMs: number,
): void {
  const begun = performance.now();
  const passed = new Set<number>();
  test.each(seeds)(
    "schedule %i",
    async (seed) => {
      await play(seed);
      passed.add(seed);
    },
    timeoutMs,
  );
  afterAll(async () => {
    const seconds = Math.round((performance.now() - begun) / 1000);
    const failed = seeds.filter((seed) => !passed.has(seed));
    const red = failed.length === 0 ? "" : `; failed: ${failed.join(" ")}`;
    const range = `seeds ${seeds[0]} to ${seeds.at(-1)}, slice ${slice}`;
    await mkdir(".cache/crash", { recursive: true });
    const line = `${new Date().toISOString()} ${kind}, ${range}: ${passed.size} of ${seeds.length} passed in ${seconds} s${red}\n`;
    await appendFile(".cache/crash/ran.log", line);
  });
}
