import type { WriteStream } from "node:tty";

/** Shows how far a long work is, on a terminal only, once it has taken half a second. */
export class Progress implements Disposable {
  #done = 0;
  #shownAt: number;
  #shown = false;

  constructor(
    private readonly what: string,
    private total: number,
    private readonly output: WriteStream = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#shownAt = now() + 300;
  }

  /** Says how many bytes there are, where that was not known at the start. */
  of(total: number): void {
    this.total = total;
  }

  /** Adds bytes that are done. */
  add(bytes: number): void {
    this.at(this.#done + bytes);
  }

  /** Says how many bytes are done in all. */
  at(done: number): void {
    this.#done = done;
    if (!this.output.isTTY || this.total === 0 || this.now() - this.#shownAt < 200) return;
    this.#shownAt = this.now();
    this.#shown = true;
    this.output.write(`\r${this.what} ${Math.floor((100 * done) / this.total)} %`);
  }

  /** Takes the line away again. */
  [Symbol.dispose](): void {
    if (this.#shown) this.output.write(`\r${" ".repeat(this.what.length + 6)}\r`);
  }
}
