/** The numbers of the schedules that a run plays. */
export interface Seeds {
  readonly seeds: readonly number[];
  /** Which part of them it is, as `1/1`. */
  readonly slice: string;
}

/**
 * So many seeds in each form, or `SEEDS` of them, from `FIRST_SEED` on; with `SLICE=2/5` the second of five equal parts of these,
 * so that a long run can be done in pieces.
 */
export function seeds(inShort: number, inFull: number, environment: NodeJS.ProcessEnv = process.env): Seeds {
  const { FORM, SEEDS, FIRST_SEED, SLICE = "1/1" } = environment;
  const count = wholeNumber("SEEDS", SEEDS ?? String(FORM === "full" ? inFull : inShort));
  const first = wholeNumber("FIRST_SEED", FIRST_SEED ?? "1");
  const [, part = "", parts = ""] = /^(\d+)\/(\d+)$/.exec(SLICE) ?? [];
  const [index, of] = [Number(part), Number(parts)];
  if (!(index >= 1 && index <= of && of <= count))
    throw new Error(`SLICE is one part of at most ${count}, such as 2/5, not ${SLICE}`);
  const from = Math.floor(((index - 1) * count) / of);
  const to = Math.floor((index * count) / of);
  return { seeds: Array.from({ length: to - from }, (_, at) => first + from + at), slice: SLICE };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} is a number from 1 on, not ${text}`);
  return Number(text);
}
