import { createServer } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** Two programs that speak in lines: what the other side sends is kept until it is asked for. */
export class LineChannel {
  private readonly received: string[] = [];
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private output: Writable | undefined;
  private ended = false;
  private readonly closers: (() => void)[] = [];

  /** A channel over two streams that are open already, such as a child's. */
  static over(input: Readable, output: Writable): LineChannel {
    const channel = new LineChannel();
    channel.accept(input, output);
    return channel;
  }

  /**
   * A unix socket, or a TCP port, at which a program that a rig starts calls back. Listening before the program starts means
   * that there is never anything to wait or to try again for.
   */
  static async listen(at: string | { readonly host: string; readonly port: number }): Promise<LineChannel> {
    const channel = new LineChannel();
    const server = createServer();
    server.once("connection", (socket) => channel.accept(socket, socket));
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(at, resolve));
    channel.closers.push(() => server.close());
    return channel;
  }

  /** The next line; `undefined` once the other side has gone. */
  next(): Promise<string | undefined> {
    const line = this.received.shift();
    if (line !== undefined || this.ended) return Promise.resolve(line);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Whether the other side has gone, as far as it was noticed. */
  get gone(): boolean {
    return this.ended;
  }

  send(line: string): void {
    if (this.output === undefined || this.ended) throw new Error("nobody is connected");
    this.output.write(`${line}\n`);
  }

  close(): void {
    this.end();
    for (const closer of this.closers) closer();
  }

  private accept(input: Readable, output: Writable): void {
    this.output = output;
    this.closers.push(() => {
      input.destroy();
      output.destroy();
    });
    // A stream that breaks is a side that has gone: `next` says so.
    for (const stream of [input, output]) stream.on("error", () => this.end());
    createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
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
