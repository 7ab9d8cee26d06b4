import { connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes go: from the one who connected to the server behind the proxy, or back. */
export type Direction = "forth" | "back";

/**
 * A TCP relay on 127.0.0.1 that can do what networks do: swallow one direction without a word, go dead, cut every connection, and be
 * away altogether.
 *
 *     await using proxy = await TcpProxy.start(broker.port);
 *     proxy.swallow("back");
 */
export class TcpProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  readonly #swallowed = new Set<Direction>();
  #server: Server | undefined;
  #stallAfter: number | undefined;
  #port: number;

  private constructor(target: number, port: number) {
    this.#target = target;
    this.#port = port;
  }

  /** @param port where it listens; a free one when 0 */
  static async start(target: number, port = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, port);
    await proxy.listen();
    return proxy;
  }

  /** A proxy that is away until `listen`. */
  static away(target: number, port: number): TcpProxy {
    return new TcpProxy(target, port);
  }

  get port(): number {
    return this.#port;
  }

  /** Connections that it relays now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Takes connections (again). */
  async listen(): Promise<void> {
    const server = createServer((near) => this.#relay(near));
    this.#server = server;
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen({ port: this.#port, host: "127.0.0.1" }, resolve),
    );
    const address = server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** From now on bytes of this direction vanish, on connections that are there and on new ones. */
  swallow(direction: Direction): void {
    this.#swallowed.add(direction);
    for (const pair of this.#pairs) this.#join(pair);
  }

  /** From now on each new connection gets so many bytes from the server, and then no more. */
  stallAfter(bytes: number): void {
    this.#stallAfter = bytes;
  }

  /** Relays everything again; on a connection that lost bytes the two sides no longer understand each other. */
  relay(): void {
    this.#swallowed.clear();
    this.#stallAfter = undefined;
    for (const pair of this.#pairs) this.#join(pair);
  }

  /** Connections that are there carry nothing any more, and nobody is told: what a firewall does that forgot them. New ones work. */
  deaden(): void {
    for (const { near, far } of this.#pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  /** Resets every connection. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    this.#pairs.clear();
  }

  /** Cuts every connection and refuses new ones until `listen`. */
  async leave(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.cut();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave();
  }

  #relay(near: Socket): void {
    const far = connect({ port: this.#target, host: "127.0.0.1" });
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    this.#join(pair);
    if (this.#stallAfter !== undefined) stall(far, near, this.#stallAfter);
  }

  #join({ near, far }: Pair): void {
    pass(near, far, this.#swallowed.has("forth"));
    pass(far, near, this.#swallowed.has("back"));
  }
}

/** Ends the relay from one side once it has sent so many bytes. */
function stall(from: Socket, to: Socket, bytes: number): void {
  let left = bytes;
  from.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left <= 0) from.unpipe(to).pause();
  });
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

function pass(from: Socket, to: Socket, swallowed: boolean): void {
  from.unpipe(to);
  if (swallowed) from.resume();
  else from.pipe(to);
}
