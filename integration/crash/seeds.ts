/** The seeds of the schedules to run: so many in each form, or `SEEDS` of them, from `FIRST_SEED` on. */
export function seeds(inShort: number, inFull: number): readonly number[] {
  const { FORM, SEEDS, FIRST_SEED = "1" } = process.env;
  const length = Number(SEEDS ?? (FORM === "full" ? inFull : inShort));
  return Array.from({ length }, (_, index) => Number(FIRST_SEED) + index);
}
