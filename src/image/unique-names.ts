/** Names taken within one directory, and the next free one where a name is wanted twice. */
export class UniqueNames {
  readonly #fold: (name: string) => string;
  /** While names come in ascending order, which proves them unique, they are only remembered. */
  readonly #ascending: string[] = [];
  #greatest = "";
  #taken: Set<string> | undefined;
  /** Made when the first name is numbered: most directories need none. */
  #lastNumber: Map<string, number> | undefined;

  /** @param fold gives names that must not stand beside each other the same spelling */
  constructor(fold: (name: string) => string = (name) => name) {
    this.#fold = fold;
  }

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
    const series = this.#fold(numbered(1));
    this.#lastNumber ??= new Map();
    let n = this.#lastNumber.get(series) ?? 0;
    let name: string;
    do name = numbered(++n);
    while (!this.#takeFree(name));
    this.#lastNumber.set(series, n);
    return name;
  }

  #takeFree(name: string): boolean {
    const folded = this.#fold(name);
    if (this.#taken === undefined) {
      if (folded > this.#greatest) {
        this.#ascending.push(folded);
        this.#greatest = folded;
        return true;
      }
      this.#taken = new Set(this.#ascending);
    }
    const before = this.#taken.size;
    return this.#taken.add(folded).size > before;
  }
}
