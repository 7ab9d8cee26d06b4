import type { WriteStream } from "node:tty";

/** A call that is shorter is not worth a word. */
const QUIET_MS = 1000;

/** Says on a terminal that a call is waited for, and how long already; nothing elsewhere, and nothing of it stays. */
export class Waiting implements Disposable {
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #began = performance.now();
  #shown = "";

  constructor(
    private readonly what: string,
    private readonly output: Pick<WriteStream, "isTTY" | "write"> = process.stderr,
  ) {
    if (output.isTTY) this.#timer = setInterval(() => this.#show(), QUIET_MS).unref();
  }

  #show(): void {
    const seconds = Math.floor((performance.now() - this.#began) / 1000);
    this.#shown = `waiting for ${this.what}, ${seconds} s`;
    this.output.write(`\r${this.#shown}`);
  }

  /** Takes the line away again. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#shown !== "") this.output.write(`\r${" ".repeat(this.#shown.length)}\r`);
  }
}
