import { Sample } from "./sample.js";

/** One way to do the work. */
export interface Contestant {
  readonly name: string;
  /** What it leaves behind: `memory` nothing, `page cache` a file, `on disk` a file that survives a power cut. */
  readonly durability: "memory" | "page cache" | "on disk";
  /** Runs in this process and is compiled as it runs. */
  readonly inProcess: boolean;
  /** Rounds it sits out between two that it runs: for those that are very slow. Default 0. */
  readonly every?: number;
  /** Does the work once. @returns milliseconds, where it measures itself */
  // biome-ignore lint/suspicious/noConfusingVoidType: most are measured from here and return nothing
  run(): Promise<number | void>;
  /** Takes away what a round left; not measured. */
  clean?(): Promise<void>;
}

/** How often the work is done. */
export interface Schedule {
  readonly rounds: number;
  /** Runs of one contestant in a row. The first finds the caches full of what others left, so it is told apart. */
  readonly runsPerTurn: number;
  /** Runs of each contestant of this process before the first round: a service has its code compiled. */
  readonly warmUps: number;
}

/** Rounds that are run and forgotten, so that files and programs are in memory on every side. */
const FORGOTTEN = 2;

/** What one contestant took. */
export interface Result {
  /** The first run of each turn: as a service that had nothing to do for a while. */
  readonly cold: Sample;
  /** The other runs; the first ones too where a turn has no others. */
  readonly warm: Sample;
}

/** All contestants in turn, round by round, another one first in each: what slows the machine down slows all alike. */
export async function runContest(contestants: readonly Contestant[], schedule: Schedule): Promise<Map<string, Result>> {
  for (const contestant of contestants) {
    for (let i = 0; contestant.inProcess && i < schedule.warmUps; i++) await once(contestant);
  }
  const results = new Map(contestants.map(({ name }) => [name, { cold: new Sample(), warm: new Sample() }]));
  for (let round = -FORGOTTEN; round < schedule.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(turn + round + FORGOTTEN) % contestants.length]!;
      if (round % (contestant.every ?? 1) !== 0) continue;
      const result = results.get(contestant.name);
      for (let run = 0; run < schedule.runsPerTurn; run++) {
        const milliseconds = await once(contestant);
        if (round < 0) continue;
        if (run === 0) result?.cold.add(milliseconds);
        if (run > 0 || schedule.runsPerTurn === 1) result?.warm.add(milliseconds);
      }
    }
  }
  return results;
}

async function once(contestant: Contestant): Promise<number> {
  const start = performance.now();
  const own = await contestant.run();
  const milliseconds = own ?? performance.now() - start;
  await contestant.clean?.();
  return milliseconds;
}
