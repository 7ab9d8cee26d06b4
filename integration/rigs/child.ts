import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { LineChannel } from "./lines.js";
import { within } from "./wait.js";

/** How a rig's process is started. */
export interface ChildOptions {
  /** Gets what the process prints, both streams, in order. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Its standard input and output are ours (`lines`); only its errors go to the log. */
  readonly piped?: boolean;
}

/**
 * A process that a rig owns. It lives in a process group of its own, so that a terminal's Ctrl-C reaches only us and we
 * stop things in order; and the kernel kills it when we die without a word (`setpriv --pdeathsig`, prctl(2)
 * PR_SET_PDEATHSIG), so that nothing is left running whatever happens.
 */
export class Child {
  readonly pid: number;
  private readonly ended: Promise<void>;
  private channel: LineChannel | undefined;

  private constructor(
    private readonly process: ChildProcess,
    private readonly program: string,
    private readonly log: string,
    pid: number,
  ) {
    this.pid = pid;
    this.ended = new Promise((resolve) => process.once("exit", () => resolve()));
  }

  /** Starts a program. Unless `piped`, it has no input, and what it prints goes to the log file. */
  static async start(program: string, args: readonly string[], options: ChildOptions): Promise<Child> {
    const log = openSync(options.log, "a", 0o600);
    try {
      const process = spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...args], {
        stdio: options.piped === true ? ["pipe", "pipe", log] : ["ignore", log, log],
        detached: true,
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      });
      await new Promise<void>((resolve, reject) => process.once("spawn", resolve).once("error", reject));
      if (process.pid === undefined) throw new Error(`${program} has no process id`);
      return new Child(process, program, options.log, process.pid);
    } finally {
      closeSync(log);
    }
  }

  /** What a piped process reads and prints, in lines. */
  get lines(): LineChannel {
    const { stdin, stdout } = this.process;
    if (stdin === null || stdout === null) throw new Error(`${this.program} was not started with pipes`);
    this.channel ??= LineChannel.over(stdout, stdin);
    return this.channel;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** How it ended: the exit code, or the signal's name; `undefined` while it runs. */
  get ending(): number | string | undefined {
    return this.process.exitCode ?? this.process.signalCode ?? undefined;
  }

  /** Ends when the process ended. */
  get exit(): Promise<void> {
    return this.ended;
  }

  /** Throws, with the end of the log, when the process is no longer there. */
  assertRunning(lines?: number): void {
    if (!this.running) throw new Error(`${this.program} ended (${this.ending}):\n${this.tail(lines)}`);
  }

  /** The last lines that the process printed. */
  tail(lines = 30): string {
    return readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  }

  /** Sends a signal to the process alone; nothing if it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.process.kill(signal);
  }

  /** Asks the process to end, kills it after the grace (milliseconds), and waits until it and its whole group are gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 15_000): Promise<void> {
    this.signal(signal);
    try {
      await within(graceMs, `${this.program} to end`, this.ended);
    } catch {
      this.signal("SIGKILL");
      await within(10_000, `${this.program} to be gone after SIGKILL`, this.ended);
    }
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // ESRCH: nobody of the group was left, which is what we want.
    }
  }
}
