import { unlink } from "node:fs/promises";
import type { Contestant } from "#bench/contest.js";
import type { ImagePlan } from "#image/plan.js";
import { planDigest } from "#image/sink/digest.js";
import { writeImage } from "#image/sink/file.js";

/** What is over in a blink is done this often in a round; the mean is its time. */
const REPEATS = 10;

export function planning(name: string, plan: () => ImagePlan): Contestant {
  return repeated(name, async () => void plan());
}

export function digesting(name: string, plan: () => ImagePlan): Contestant {
  return repeated(name, async () => void (await planDigest(plan())));
}

function repeated(name: string, work: () => Promise<void>): Contestant {
  return {
    name,
    inProcess: true,
    durability: "memory",
    async run() {
      const start = performance.now();
      for (let i = 0; i < REPEATS; i++) await work();
      return (performance.now() - start) / REPEATS;
    },
  };
}

export function writing(
  name: string,
  plan: () => ImagePlan,
  target: string,
  more: { sync: boolean; digest?: boolean },
): Contestant {
  return {
    name,
    inProcess: true,
    durability: more.sync ? "on disk" : "page cache",
    async run() {
      await writeImage(plan(), target, { mode: 0o600, ...more });
    },
    clean: () => unlink(target),
  };
}
