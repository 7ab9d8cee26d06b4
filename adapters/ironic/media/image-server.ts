import { type FileHandle, open, readFile } from "node:fs/promises";
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { pipeline } from "node:stream";
import type { PlacedImage } from "#drive/hypervisor.js";

/** Where images are served, and as whom. */
export interface ImageServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where Ironic's conductors reach it, such as `https://configdrive:8443`. */
  readonly url: string;
  /** The certificate and its key, as files in PEM; unset: HTTP. Read when it begins to listen. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Gives a name that nobody can guess, of letters and digits. */
  readonly newName: () => string;
}

/** An image that is being served; no more once it is disposed. */
export interface Offer extends AsyncDisposable {
  readonly url: string;
}

interface Served {
  readonly file: FileHandle;
  readonly sizeBytes: number;
}

/**
 * Hands images to Ironic's conductors, which take virtual media by a URL alone: each under a name that nobody can guess, for as long
 * as one attach lasts. It listens from the first of them on.
 */
export class ImageServer {
  readonly #served = new Map<string, Served>();
  #listening: Promise<Server> | undefined;

  constructor(private readonly options: ImageServerOptions) {}

  /** Serves an image. Throws where its file is not whole, and where nothing can listen. */
  async offer({ path, sizeBytes }: PlacedImage): Promise<Offer> {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size !== sizeBytes || size === 0) throw new Error(`the image ${path} has ${size} bytes, not ${sizeBytes}`);
      await this.#listen();
    } catch (error) {
      await file.close();
      throw error;
    }
    // Some BMCs judge an image by the end of its name.
    const name = `${this.options.newName()}.iso`;
    this.#served.set(name, { file, sizeBytes });
    return {
      url: `${this.options.url.replace(/\/+$/, "")}/${name}`,
      [Symbol.asyncDispose]: async () => {
        this.#served.delete(name);
        await file.close();
      },
    };
  }

  /** Where it listens; for tests that take a free port. Throws where nothing can listen. */
  async port(): Promise<number> {
    const address = (await this.#listen()).address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    const server = await this.#listening?.catch(() => undefined);
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #listen(): Promise<Server> {
    this.#listening ??= this.#open().catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    return await this.#listening;
  }

  async #open(): Promise<Server> {
    const { host, port, tls } = this.options;
    const answer = (request: IncomingMessage, response: ServerResponse) => this.#answer(request, response);
    const server = tls === undefined ? createPlainServer(answer) : createTlsServer(await readPair(tls), answer);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return server;
  }

  #answer({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
    const served = this.#served.get(url.slice(url.lastIndexOf("/") + 1));
    if (served === undefined) return void response.writeHead(404).end();
    if (method !== "GET" && method !== "HEAD") return void response.writeHead(405, { allow: "GET, HEAD" }).end();
    const { file, sizeBytes } = served;
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": sizeBytes,
      "cache-control": "no-store",
    });
    if (method === "HEAD") return void response.end();
    // Who goes away, or an image that is withdrawn meanwhile, ends this connection and nothing else.
    pipeline(file.createReadStream({ start: 0, end: sizeBytes - 1, autoClose: false }), response, () => undefined);
  }
}

async function readPair({ certificate, key }: { certificate: string; key: string }) {
  return { cert: await readFile(certificate), key: await readFile(key), minVersion: "TLSv1.2" as const };
}
