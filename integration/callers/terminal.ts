import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../rigs/wait.js";

/** A program at a terminal of its own, as script(1) makes one, and what it has shown. */
export class Terminal implements AsyncDisposable {
  #shown = "";

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.on("data", (chunk: Buffer) => {
      this.#shown += chunk.toString();
    });
  }

  static open(command: string, cwd: string, env: NodeJS.ProcessEnv): Terminal {
    const args = ["--pdeathsig", "KILL", "script", "--quiet", "--flush", "--return", "--command", command, "/dev/null"];
    return new Terminal(spawn("setpriv", args, { cwd, env: { ...env, TERM: "xterm" } }));
  }

  /** Everything shown so far. */
  get shown(): string {
    return this.#shown;
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  /** Types, and gives what is shown from then on once it matches. */
  async after(keys: string, pattern: RegExp): Promise<string> {
    const from = this.#shown.length;
    this.type(keys);
    await until(60_000, `the terminal to show ${pattern}`, async () => pattern.test(this.#shown.slice(from)));
    return this.#shown.slice(from);
  }

  /** Waits until the program has ended by itself, and gives everything that it showed. */
  async ended(): Promise<string> {
    if (this.child.exitCode === null) await once(this.child, "close");
    return this.#shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, "close");
    this.child.kill("SIGKILL");
    await closed;
  }
}
