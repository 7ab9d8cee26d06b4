import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { within } from "#integration/rigs/wait.js";

/** Longest that a peer may take for one command. */
const patienceMs = 60_000;

/** A Python that has oslo.messaging. */
export interface Python {
  /** What test titles call it. */
  readonly name: string;
  /** The command that runs `peers/peer.py` with it. */
  readonly command: readonly [string, ...string[]];
}

export type Executor = "threading" | "eventlet";

/** INI sections. */
export type Config = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** An exception that a Python caller got, as far as it can be told over a pipe. */
export class PythonError extends Error {
  override readonly name = "PythonError";
  constructor(readonly described: PythonException) {
    super(`${described.module}.${described.class}: ${described.text}`);
  }
}

export interface PythonException {
  readonly class: string;
  readonly module: string;
  readonly bases: readonly string[];
  readonly text: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>> | null;
  readonly exc_type: string | null;
  readonly value: string | null;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: PythonException;
}

/** An unmodified oslo.messaging, as client and server, in a process of its own (`peers/peer.py`). */
export class OsloPeer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #directory: string;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #last = 0;

  private constructor(
    process: ChildProcess,
    directory: string,
    /** Version of oslo.messaging. */
    readonly version: string,
  ) {
    this.#process = process;
    this.#directory = directory;
  }

  /** Starts a peer with these options in its configuration file. */
  static async start(python: Python, executor: Executor, config: Config): Promise<OsloPeer> {
    const directory = await privateDirectory("peer");
    const log = await open(join(directory, "log"), "w");
    try {
      const process = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...python.command, executor, ini(config)], {
        stdio: ["pipe", "pipe", log.fd],
        detached: true,
      });
      return await OsloPeer.#greet(process, directory, `${python.name} ${executor}`);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    } finally {
      await log.close();
    }
  }

  static async #greet(process: ChildProcess, directory: string, name: string): Promise<OsloPeer> {
    const { stdout } = process;
    if (stdout === null) throw new Error("a peer without output");
    const lines = createInterface({ input: stdout });
    const ended = new Promise<never>((_, reject) => {
      process.once("error", reject);
      process.once("exit", async (code) => {
        const log = await readFile(join(directory, "log"), "utf8").catch(() => "");
        reject(new Error(`the peer ${name} ended (${code}):\n${log.slice(-3000)}`));
      });
    });
    ended.catch(() => undefined);
    const first = new Promise<string>((resolve) => lines.once("line", resolve));
    const greeting: unknown = JSON.parse(
      await within(patienceMs, `the peer ${name} to start`, Promise.race([first, ended])),
    );
    const peer = new OsloPeer(process, directory, String(Object(greeting)["oslo.messaging"]));
    lines.on("line", (line) => peer.#hear(JSON.parse(line)));
    return peer;
  }

  /**
   * Has the peer do something (a method of `Peer` in `peer.py`) and gives what it answers.
   * @throws PythonError when it raised
   */
  async do(command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const id = ++this.#last;
    const answered = new Promise<Answer>((resolve) => this.#answers.set(id, resolve));
    this.#process.stdin?.write(`${JSON.stringify({ id, do: command, ...args })}\n`);
    const answer = await within(patienceMs, `the peer to ${command}`, answered);
    if (answer.error !== undefined) throw new PythonError(answer.error);
    return answer.value;
  }

  /** As `do`, for a command that must raise: gives the exception. */
  async fails(command: string, args: Readonly<Record<string, unknown>>): Promise<PythonException> {
    try {
      await this.do(command, args);
    } catch (error) {
      if (error instanceof PythonError) return error.described;
      throw error;
    }
    throw new Error(`${command} did not fail`);
  }

  /** What the peer printed so far. */
  log(): Promise<string> {
    return readFile(join(this.#directory, "log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill("SIGKILL");
      await within(10_000, "the peer to end", ended);
    }
    await rm(this.#directory, { recursive: true, force: true });
  }

  #hear(answer: Answer): void {
    this.#answers.get(answer.id)?.(answer);
    this.#answers.delete(answer.id);
  }
}

function ini(config: Config): string {
  const sections = Object.entries(config).map(([name, options]) => {
    const lines = Object.entries(options).map(([option, value]) => `${option} = ${value}`);
    return `[${name}]\n${lines.join("\n")}\n`;
  });
  return sections.join("\n");
}
