import { spawn } from "node:child_process";
import { unlink } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Contestant } from "#bench/contest.js";

/** The program that runs rivals; it measures them itself. */
export class Rivals implements Disposable {
  readonly #child;
  readonly #answers;

  constructor(script: string) {
    this.#child = spawn("/usr/bin/python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @param rival as `rivals.py` calls it */
  contestant(
    name: string,
    rival: string,
    tree: string,
    target: string,
    more: { sync?: boolean; every?: number } = {},
  ): Contestant {
    const sync = more.sync ?? false;
    return {
      name,
      inProcess: false,
      durability: sync ? "on disk" : "page cache",
      ...(more.every === undefined ? {} : { every: more.every }),
      run: () => this.#ask({ rival, tree, target, sync }),
      clean: () => unlink(target),
    };
  }

  async #ask(request: unknown): Promise<number> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("the rivals' program ended: see above");
    const answer: unknown = JSON.parse(value);
    if (typeof answer === "object" && answer !== null && "ms" in answer && typeof answer.ms === "number")
      return answer.ms;
    throw new Error(`the rivals' program answered ${value}`);
  }

  [Symbol.dispose](): void {
    this.#child.stdin.end();
  }
}
