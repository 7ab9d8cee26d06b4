import { type ChildProcess, fork } from "node:child_process";
import { within } from "../rigs/wait.js";

/** `hostile-target.ts` in its own process, as `make build` left it. */
export class TargetProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #errors: string[] = [];

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.stderr?.on("data", (text) => this.#errors.push(String(text)));
  }

  static async start(transportUrl: string, exchange: string, topic: string): Promise<TargetProcess> {
    const child = fork("dist/integration/bus/hostile-target.js", [transportUrl, exchange, topic], {
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
      env: { ...process.env, NODE_OPTIONS: "" },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const target = new TargetProcess(child);
    await target.#answer("to be ready");
    return target;
  }

  /** Throws, with what it printed, when the process has died. */
  assertAlive(): void {
    if (this.#process.exitCode === null && this.#process.signalCode === null) return;
    throw new Error(
      `the target died (${this.#process.exitCode ?? this.#process.signalCode}): ${this.#errors.join("")}`,
    );
  }

  /** Bytes of heap in use after a collection, and how many notifications it heard. */
  async measure(): Promise<{ heap: number; heard: number }> {
    const answer = Object(await this.#ask("measure"));
    return { heap: Number(answer.heap), heard: Number(answer.heard) };
  }

  /** Has it call `wait` at `<topic>_silent`, and gives the result once somebody answers. */
  async call(): Promise<unknown> {
    return Object(await this.#ask("call", 600_000)).result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await within(10_000, "the target to end", ended);
  }

  #ask(command: string, ms = 30_000): Promise<unknown> {
    const answer = this.#answer(`to ${command}`, ms);
    this.#process.send({ do: command });
    return answer;
  }

  #answer(what: string, ms = 30_000): Promise<unknown> {
    const message = new Promise<unknown>((resolve, reject) => {
      const onExit = (): void => reject(new Error(`the target died: ${this.#errors.join("")}`));
      this.#process.once("exit", onExit);
      this.#process.once("message", (answer) => {
        this.#process.off("exit", onExit);
        resolve(answer);
      });
    });
    return within(ms, `the target ${what}`, message);
  }
}
