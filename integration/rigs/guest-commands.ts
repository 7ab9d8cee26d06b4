import { LineChannel } from "./lines.js";
import { within } from "./wait.js";

/** What a command in the guest did. */
export interface Ran {
  readonly exitCode: number;
  /** Both streams, in order. */
  readonly output: string;
}

/** A guest that runs shell scripts: what the suites ask when they want to know what a guest sees. */
export interface Commanded {
  /** Runs a shell script in the guest, one at a time, and waits at most so many milliseconds for its end. */
  run(script: string, deadlineMs?: number): Promise<Ran>;
  /** Runs a shell script in the guest and gives its output; throws when its exit code is not 0. */
  check(script: string, deadlineMs?: number): Promise<string>;
}

/** The channel to the init of `guest/init`: one shell script a line, and its answer. */
export class GuestCommands implements Commanded {
  private turn: Promise<unknown> = Promise.resolve();
  private commands = 0;

  private constructor(private readonly channel: LineChannel) {}

  /** Waits where QEMU's end of the channel will call: the path of a unix socket, or an address and a port. */
  static async listen(at: string | { readonly host: string; readonly port: number }): Promise<GuestCommands> {
    return new GuestCommands(await LineChannel.listen(at));
  }

  /** Over a channel that is open already. */
  static over(channel: LineChannel): GuestCommands {
    return new GuestCommands(channel);
  }

  /** The first line that the guest sends: `ready`; `undefined` when it went away before. */
  async greeting(): Promise<string | undefined> {
    return this.channel.next();
  }

  async run(script: string, deadlineMs = 30_000): Promise<Ran> {
    const result = this.turn.then(() => this.runNow(script, deadlineMs));
    this.turn = result.catch(() => undefined);
    return result;
  }

  async check(script: string, deadlineMs?: number): Promise<string> {
    const { exitCode, output } = await this.run(script, deadlineMs);
    if (exitCode !== 0) throw new Error(`in the guest, exit ${exitCode} of: ${script}\n${output}`);
    return output;
  }

  close(): void {
    this.channel.close();
  }

  private async runNow(script: string, deadlineMs: number): Promise<Ran> {
    const id = String(++this.commands);
    this.channel.send(`${id} ${Buffer.from(script).toString("base64")}`);
    for (;;) {
      const answer = await within(deadlineMs, `the guest to run: ${script}`, this.channel.next());
      if (answer === undefined) throw new Error(`the guest went away while it ran: ${script}`);
      const [answered, exitCode, output] = answer.split(" ");
      // Any other is the late answer of a command whose deadline had passed.
      if (answered === id)
        return { exitCode: Number(exitCode), output: Buffer.from(output ?? "", "base64").toString() };
    }
  }
}
