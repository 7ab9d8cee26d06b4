import { foldCase } from "./case-folding.js";

/** Names taken within one directory, letter case apart, and the next free one where a name is wanted twice. */
export class UniqueNames {
  /** Folded. */
  readonly #taken = new Set<string>();
  readonly #lastNumber = new Map<string, number>();

  /**
   * Takes `wanted`, or the first free of `numbered(1)`, `numbered(2)`, …
   * What is taken depends on the order of the calls alone, so callers go through a directory in sorted order.
   */
  take(wanted: string, numbered: (n: number) => string): string {
    return this.#takeFree(wanted) ? wanted : this.takeNumbered(numbered);
  }

  /** Takes the first free of `numbered(1)`, `numbered(2)`, … */
  takeNumbered(numbered: (n: number) => string): string {
    // Names that differ only in what the number displaces share one counter: no name is tried twice.
    const series = foldCase(numbered(1));
    let n = this.#lastNumber.get(series) ?? 0;
    let name: string;
    do name = numbered(++n);
    while (!this.#takeFree(name));
    this.#lastNumber.set(series, n);
    return name;
  }

  #takeFree(name: string): boolean {
    const folded = foldCase(name);
    if (this.#taken.has(folded)) return false;
    this.#taken.add(folded);
    return true;
  }
}
