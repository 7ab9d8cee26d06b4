import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extractImage } from "#image/extract/extract.js";
import { bytesInput } from "#image/input/input.js";
import { openImage } from "#image/open.js";
import { ImageRefusal } from "#image/refusal.js";
import { FULL } from "../form.js";
import { Workplace } from "../workplace.js";
import { drawn, LIMITS, mutables, SEED } from "./bases.js";
import { SeededRandom } from "./random.js";

const MUTANTS = FULL ? 10_000 : 500;

test(`${MUTANTS} mutated images are extracted or refused, and nothing is written elsewhere`, async () => {
  console.info(`seed ${SEED} (SEED=… for another)`);
  using work = new Workplace();
  const random = new SeededRandom(SEED + 1);
  const wheel = drawn(mutables());
  writeFileSync(work.path("beside"), "untouched");
  const count = { extracted: 0, refused: 0, files: 0 };
  for (let number = 0; number < MUTANTS; number++) {
    const base = random.pick(wheel);
    const mutant = base.mutable.mutate(random);
    const target = work.path("target");
    mkdirSync(target);
    try {
      const { files } = await extractImage(openImage(bytesInput(mutant), { limits: LIMITS }), target, {
        mostBytes: 8 << 20,
      });
      count.extracted++;
      count.files += files;
    } catch (error) {
      if (!(error instanceof ImageRefusal))
        throw new Error(`mutant ${number} of ${base.name}, seed ${SEED}`, { cause: error });
      count.refused++;
    }
    expect(readdirSync(work.directory).sort()).toEqual(["beside", "target"]);
    rmSync(target, { recursive: true });
    base.mutable.restore();
  }
  console.info(JSON.stringify(count));
  expect(readFileSync(work.path("beside"), "utf8")).toBe("untouched");
  expect(count.extracted).toBeGreaterThan(MUTANTS / 4);
  expect(count.files).toBeGreaterThan(MUTANTS);
}, 600_000);
