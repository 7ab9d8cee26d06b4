import { connect, createServer, type Server, type Socket } from "node:net";

/** A wire between peers and the broker that can be cut, or go dead without either side being told. */
export class TcpProxy implements AsyncDisposable {
  readonly #pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(toPort: number): Promise<TcpProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const proxy = new TcpProxy(server, typeof address === "object" && address !== null ? address.port : 0);
    server.on("connection", (near) => proxy.#join(near, connect(toPort, "127.0.0.1")));
    return proxy;
  }

  /** Present connections carry nothing any more, and nobody is told: what a firewall does that forgot them. New ones work. */
  deaden(): void {
    for (const { near, far } of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.pause();
      far.pause();
    }
  }

  /** Present connections are reset. */
  cut(): void {
    for (const { near, far } of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    const pair = { near, far };
    this.#pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
  }
}
