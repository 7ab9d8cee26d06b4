import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

/**
 * A unix socket at which a program that a rig starts calls back, and the lines it then sends. Listening before the
 * program starts means that there is never anything to wait or to try again for.
 */
export class LineServer {
  private readonly received: string[] = [];
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private socket: Socket | undefined;
  private ended = false;

  private constructor(private readonly server: ReturnType<typeof createServer>) {}

  static async listen(path: string): Promise<LineServer> {
    const server = createServer();
    const lines = new LineServer(server);
    server.once("connection", (socket) => lines.accept(socket));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
    return lines;
  }

  /** The next line; `undefined` once the other side has gone. */
  next(): Promise<string | undefined> {
    const line = this.received.shift();
    if (line !== undefined || this.ended) return Promise.resolve(line);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  send(line: string): void {
    if (this.socket === undefined || this.ended) throw new Error("nobody is connected");
    this.socket.write(`${line}\n`);
  }

  close(): void {
    this.end();
    this.socket?.destroy();
    this.server.close();
  }

  private accept(socket: Socket): void {
    this.socket = socket;
    socket.on("error", () => this.end());
    createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
      .on("line", (line) => {
        const taker = this.waiting.shift();
        if (taker === undefined) this.received.push(line);
        else taker(line);
      })
      .on("close", () => this.end());
  }

  private end(): void {
    this.ended = true;
    for (const taker of this.waiting.splice(0)) taker(undefined);
  }
}
