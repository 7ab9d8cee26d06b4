import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Child } from "./child.js";
import { CallFailed, type Door, type Json } from "./door.js";
import { privateDirectory } from "./private-directory.js";
import { within } from "./wait.js";

/** How one call differs from an ordinary one. */
export interface OsloCall {
  /** Of the target; 1.0 if not given. */
  readonly version?: string;
  readonly context?: { [name: string]: Json };
  /** Seconds that the caller waits; 60 if not given. */
  readonly timeout?: number;
  readonly cast?: boolean;
}

/**
 * The bus as an unmodified OpenStack program sees it: integration/run/client.py on Debian's python3-oslo.messaging, in a
 * process of its own that lives as long as this object.
 */
export class OsloClient implements Door, AsyncDisposable {
  readonly name = "bus";
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    /** Of oslo.messaging. */
    readonly version: string,
    private readonly python: Child,
    private readonly directory: string,
  ) {}

  static async start(transportUrl: string): Promise<OsloClient> {
    const directory = await privateDirectory("client");
    try {
      const args = [resolve("integration/run/client.py"), "--url", transportUrl];
      const python = await Child.start("/usr/bin/python3", args, { log: join(directory, "log"), piped: true });
      const ready = await within(90_000, "the oslo.messaging client to start", python.lines.next());
      if (ready === undefined) throw new Error(`the oslo.messaging client did not start:\n${python.tail()}`);
      const { ready: version }: { ready: string } = JSON.parse(ready);
      return new OsloClient(version, python, directory);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  async call(method: string, args: object, how: OsloCall = {}): Promise<{ [name: string]: Json }> {
    const answer = await this.exchange({ method, args, ...how });
    if (answer.error !== undefined) {
      const { class: kind, message, whole } = answer.error;
      throw new CallFailed(/\[([A-Z_]+)\]$/.exec(message.split("\n")[0] ?? "")?.[1] ?? "", kind, message, whole);
    }
    return answer.result ?? {};
  }

  async stop(): Promise<void> {
    await this.python.stop("SIGKILL");
    this.python.lines.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** One call at a time: the client answers in the order it was asked. */
  private exchange(request: object): Promise<Answer> {
    const answer = this.turn.then(async () => {
      this.python.lines.send(JSON.stringify(request));
      const line = await within(120_000, "the oslo.messaging client to answer", this.python.lines.next());
      if (line === undefined) throw new Error(`the oslo.messaging client went away:\n${this.python.tail()}`);
      const parsed: Answer = JSON.parse(line);
      return parsed;
    });
    this.turn = answer.catch(() => undefined);
    return answer;
  }
}

interface Answer {
  readonly result?: { [name: string]: Json };
  readonly error?: { readonly class: string; readonly message: string; readonly whole: string };
}
