import type { SignalSource } from "./stop-signals.js";

/** SIGHUP, heard from the start on: unheard it would end the process. One that comes before anybody serves it is kept. */
export class HangUps {
  #serve: (() => void) | undefined;
  #waiting = false;

  constructor(source: SignalSource) {
    source.on("SIGHUP", () => {
      if (this.#serve === undefined) this.#waiting = true;
      else this.#serve();
    });
  }

  /** From now on each is served so; one that came before is served at once. */
  serve(work: () => void): void {
    this.#serve = work;
    if (this.#waiting) work();
    this.#waiting = false;
  }
}
