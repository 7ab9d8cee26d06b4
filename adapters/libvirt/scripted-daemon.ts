import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeMessage, type Message, MessageReader } from "./message.js";
import type { LibvirtUri } from "./uri.js";

/** Answers one message, or does not. */
export type Script = (message: Message, reply: (answer: Partial<Message>) => void, peer: Socket) => void;

/** For tests: a real socket whose messages a script answers. */
export class ScriptedDaemon implements AsyncDisposable {
  readonly #peers = new Set<Socket>();
  #clients = 0;
  #left: () => void = () => undefined;

  private constructor(
    readonly path: string,
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  get uri(): LibvirtUri {
    return { transport: "unix", socket: this.path, driver: "qemu:///system" };
  }

  static async open(script: Script): Promise<ScriptedDaemon> {
    const folder = await mkdtemp(join(tmpdir(), "libvirt-"));
    const path = join(folder, "sock");
    const server = createServer();
    const daemon = new ScriptedDaemon(path, folder, server);
    server.on("connection", (peer) => daemon.#serve(peer, script));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return daemon;
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

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }

  #serve(peer: Socket, script: Script): void {
    this.#clients += 1;
    this.#peers.add(peer);
    peer.on("error", () => undefined);
    peer.once("close", () => {
      this.#peers.delete(peer);
      this.#left();
    });
    const reader = new MessageReader();
    peer.on("data", (chunk) => {
      for (const message of reader.take(chunk)) {
        const reply = (answer: Partial<Message>) =>
          peer.write(encodeMessage({ ...message, type: 1, payload: Buffer.alloc(0), ...answer }));
        script(message, reply, peer);
      }
    });
  }
}
