import { spawn } from "node:child_process";
import type { StartedTestContainer } from "testcontainers";
import { type Commanded, GuestCommands, type Ran } from "./guest-commands.js";
import { LineChannel } from "./lines.js";
import type { NovaApi } from "./nova-api.js";
import { until } from "./wait.js";

const CONSOLE_SHOWN = 600;

/** A guest of the rig's cloud that runs commands: its serial console is the channel, reached through its compute host. */
export class NovaGuest implements Commanded, Disposable {
  private constructor(
    private readonly lines: LineChannel,
    private readonly commands: GuestCommands,
  ) {}

  /** Waits until the guest of a server has booted, and connects to it. @throws Error with the end of its console where it has not */
  static async connect(api: NovaApi, id: string, compute: StartedTestContainer): Promise<NovaGuest> {
    let told = "";
    const booted = async () => {
      told = await api.console(id).catch(String);
      return /^ready\s*$/m.test(told);
    };
    await until(400_000, `the guest of server ${id} to boot`, booted, 500).catch((error: unknown) => {
      const waited = error instanceof Error ? error.message : error;
      throw new Error(`${waited}; its console ends: ${told.slice(-CONSOLE_SHOWN)}`, { cause: error });
    });
    return NovaGuest.open(id, compute);
  }

  /** Connects to the guest of a server that is known to have booted. */
  static async open(id: string, compute: StartedTestContainer): Promise<NovaGuest> {
    const { output } = await compute.exec(["virsh", "-q", "-c", "qemu:///system", "ttyconsole", id]);
    // The reader goes with the connection: one that stayed would take what the next one waits for.
    const script = 'stty -F "$0" raw -echo; cat "$0" & cat > "$0"; kill $!';
    const terminal = spawn("docker", ["exec", "-i", compute.getId(), "sh", "-c", script, output.trim()], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const lines = LineChannel.over(terminal.stdout, terminal.stdin);
    return new NovaGuest(lines, GuestCommands.over(lines));
  }

  run(script: string, deadlineMs?: number): Promise<Ran> {
    return this.commands.run(script, deadlineMs);
  }

  check(script: string, deadlineMs?: number): Promise<string> {
    return this.commands.check(script, deadlineMs);
  }

  [Symbol.dispose](): void {
    this.lines.close();
  }
}
