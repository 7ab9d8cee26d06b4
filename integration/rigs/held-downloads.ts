import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { ImageServerOptions } from "#adapters/ironic/media/image-server.js";
import { freePort } from "./ports.js";

/**
 * Stands between an adapter that serves images and a conductor that fetches them: who asks for one waits until it is let go. The conductor
 * then is in the middle of an insert, with its node locked.
 */
export class HeldDownloads implements AsyncDisposable {
  readonly #asked = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  readonly #fetched = Promise.withResolvers<void>();
  readonly #names: string[] = [];

  private constructor(
    private readonly http: Server,
    /** Where the adapter serves. */
    private readonly port: number,
  ) {
    http.on("request", (incoming, outgoing) => void this.#hold(incoming, outgoing));
  }

  static async start(): Promise<HeldDownloads> {
    const http = createServer();
    await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
    return new HeldDownloads(http, await freePort());
  }

  /** What the adapter is told. */
  get media(): ImageServerOptions {
    const address = this.http.address();
    const port = typeof address === "object" ? address?.port : 0;
    const newName = () => {
      const name = randomUUID();
      this.#names.push(name);
      return name;
    };
    return { host: "127.0.0.1", port: this.port, url: `http://127.0.0.1:${port}`, newName };
  }

  /** The addresses at which the adapter itself has served images. */
  served(): readonly string[] {
    return this.#names.map((name) => `http://127.0.0.1:${this.port}/${name}.iso`);
  }

  /** Waits until somebody asks for an image. */
  async asked(): Promise<void> {
    await this.#asked.promise;
  }

  /** Lets everybody have what they ask for. */
  release(): void {
    this.#released.resolve();
  }

  /** Waits until somebody has a whole image. */
  async fetched(): Promise<void> {
    await this.#fetched.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    const closed = new Promise((done) => this.http.close(done));
    this.http.closeAllConnections();
    await closed;
  }

  async #hold({ url, method }: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#asked.resolve();
    await this.#released.promise;
    if (method === "GET") outgoing.once("finish", () => this.#fetched.resolve());
    const onward = request({ host: "127.0.0.1", port: this.port, path: url, method }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy()).end();
  }
}
