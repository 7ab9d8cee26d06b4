import { ImageRefusal } from "../refusal.js";

/**
 * What one look at an image may cost: steps, so that time is bounded by what is done and not by a clock, and bytes of structures,
 * so that memory is bounded whatever sizes the image states.
 */
export class ReadBudget {
  #steps: number;
  #bytes: number;
  constructor(private readonly limits: { readonly steps: number; readonly structureBytes: number }) {
    this.#steps = limits.steps;
    this.#bytes = limits.structureBytes;
  }

  /** Takes one or more steps. Throws `ImageRefusal` when none are left. */
  spend(steps = 1): void {
    this.#steps -= steps;
    if (this.#steps < 0)
      throw new ImageRefusal("image", "reading it takes more steps than the limit allows", this.limits.steps);
  }

  /** Takes bytes of a directory or table before they are read. Throws `ImageRefusal` when they are too many. */
  hold(bytes: number, structure: string): void {
    this.#bytes -= bytes;
    if (this.#bytes >= 0) return;
    throw new ImageRefusal(
      structure,
      `directories and tables together have at most ${this.limits.structureBytes} bytes`,
      bytes,
    );
  }
}
