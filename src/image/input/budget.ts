import { ImageRefusal } from "../refusal.js";

/** Counts steps of work, so that time is bounded by what is done and not by a clock. */
export class StepBudget {
  #left: number;
  constructor(private readonly steps: number) {
    this.#left = steps;
  }

  /** Takes one or more steps. Throws `ImageRefusal` when none are left. */
  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw new ImageRefusal("image", "reading it takes more steps than the limit allows", this.steps);
  }

  get spent(): number {
    return this.steps - this.#left;
  }
}
