import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface Request {
  readonly kind?: "call" | "cast" | "fanout";
  readonly method: string;
  readonly args?: object;
  readonly server?: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly context?: object;
  /** Seconds. */
  readonly timeout?: number;
  /** `call_monitor_timeout`, seconds. */
  readonly monitor?: number;
}

/** What a Python caller got: the method's result, or the exception that it raised (module `remote`: a RemoteError). */
export interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly class: string; readonly module: string; readonly message: string };
  readonly seconds: number;
}

/** A process with an unmodified oslo.messaging client (Debian's python3-oslo.messaging). */
export class Caller implements AsyncDisposable {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(private readonly process: ChildProcessByStdio<Writable, Readable, null>) {}

  static async start(
    transportUrl: string,
    exchange: string,
    topic: string,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<Caller> {
    const overrides = Object.entries(options).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const script = new URL("caller.py", import.meta.url).pathname;
    const args = ["--pdeathsig", "KILL", "--", "/usr/bin/python3", script, transportUrl, exchange, topic, ...overrides];
    const process = spawn("setpriv", args, { stdio: ["pipe", "pipe", "ignore"] });
    const caller = new Caller(process);
    await new Promise<void>((resolve, reject) => {
      process.once("exit", () => reject(new Error("the Python caller ended")));
      createInterface({ input: process.stdout }).on("line", (line) => {
        const answer = JSON.parse(line);
        if (answer.ready === true) resolve();
        else caller.#waiting.get(answer.id)?.(answer);
      });
    });
    return caller;
  }

  /** Sends one request; resolves with what Python's call returned or raised. Any number may be under way. */
  send(request: Request): Promise<Answer> {
    this.#last += 1;
    const id = this.#last;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.process.stdin.write(`${JSON.stringify({ ...request, id })}\n`);
    return answered.finally(() => this.#waiting.delete(id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }
}
