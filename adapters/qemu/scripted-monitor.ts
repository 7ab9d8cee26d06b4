import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A command as it arrives. */
export interface Command {
  readonly execute: string;
  readonly id: number;
  readonly arguments?: Readonly<Record<string, string>>;
}

/** Answers one command, or does not. */
export type Script = (command: Command, reply: (message: object) => void, peer: Socket) => void;

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": ["oob"]}}\r\n';

/** For tests: a real socket with a monitor that greets, agrees to capabilities, and leaves the rest to a script. */
export class ScriptedMonitor implements AsyncDisposable {
  readonly #peers = new Set<Socket>();
  #cutOff: number | undefined;
  #clients = 0;
  #left: () => void = () => undefined;

  private constructor(
    readonly path: string,
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  static async open(script: Script, greeting = GREETING): Promise<ScriptedMonitor> {
    const folder = await mkdtemp(join(tmpdir(), "qmp-"));
    const path = join(folder, "qmp.sock");
    const server = createServer();
    const monitor = new ScriptedMonitor(path, folder, server);
    server.on("connection", (peer) => monitor.#serve(peer, script, greeting));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return monitor;
  }

  /** How many clients have come. */
  get clients(): number {
    return this.#clients;
  }

  /** Resolves once no client is connected. */
  async deserted(): Promise<void> {
    while (this.#peers.size > 0) {
      const left = Promise.withResolvers<void>();
      this.#left = left.resolve;
      await left.promise;
    }
  }

  /** From now on as a process that ends: so many more clients are let in and cut off, then nobody listens. */
  end(clients: number): void {
    this.#cutOff = clients;
    for (const peer of this.#peers) peer.destroy();
    if (clients === 0) this.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }

  #serve(peer: Socket, script: Script, greeting: string): void {
    this.#clients += 1;
    this.#peers.add(peer);
    peer.on("error", () => undefined);
    peer.once("close", () => {
      this.#peers.delete(peer);
      this.#left();
    });
    if (this.#cutOff !== undefined) {
      this.#cutOff -= 1;
      peer.destroy();
      if (this.#cutOff <= 0) this.server.close();
      return;
    }
    peer.write(greeting);
    const reply = (message: object) => peer.write(`${JSON.stringify(message)}\r\n`);
    let text = "";
    peer.on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const command: Command = JSON.parse(line);
        if (command.execute === "qmp_capabilities") reply({ return: {}, id: command.id });
        else script(command, reply, peer);
      }
    });
  }
}
