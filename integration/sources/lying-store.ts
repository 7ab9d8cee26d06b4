import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A multiple of a sector, so that the volume has no padding. */
const SIZE = 400 * 512;
/** What every object holds that is not lied about. */
export const TRUE_BYTES = Buffer.from(Array.from({ length: SIZE }, (_, index) => (index * 7) % 251));
const OTHER_BYTES = Buffer.from(Array.from({ length: SIZE }, (_, index) => (index * 11) % 251));
/** Where a transfer is cut that is cut. */
const CUT = 70_000;
const ETAG = `"${createHash("md5").update(TRUE_BYTES).digest("hex")}"`;

interface Asked {
  readonly from: number;
  /** How often this object was asked for, this time too. */
  readonly times: number;
}

/** How an object answers. `head` are the headers of a true answer from the asked offset on. */
type Manner = (answer: ServerResponse, asked: Asked, head: Record<string, string | number>) => void;

const total = TRUE_BYTES.length;
const whole = { etag: ETAG, "content-length": total };
/** Some bytes, and then the connection breaks. */
const cutAfter = (answer: ServerResponse, bytes: Uint8Array) => void answer.write(bytes, () => answer.destroy());
const rest = (answer: ServerResponse, { from }: Asked, head: Record<string, string | number>, bytes = TRUE_BYTES) =>
  void answer.writeHead(from === 0 ? 200 : 206, head).end(bytes.subarray(from));

/** Ways for a store to fail or to lie, by the name of the object that does it. */
export const MANNERS = {
  good: rest,
  "cut-once": (answer, asked, head) => {
    if (asked.times > 1) return rest(answer, asked, head);
    answer.writeHead(200, whole);
    cutAfter(answer, TRUE_BYTES.subarray(0, CUT));
  },
  "cut-always": (answer, { from }, head) => {
    answer.writeHead(from === 0 ? 200 : 206, head);
    cutAfter(answer, TRUE_BYTES.subarray(from, from + 10));
  },
  "cut-then-another-object": (answer, asked) => {
    if (asked.from === 0) {
      answer.writeHead(200, whole);
      return cutAfter(answer, TRUE_BYTES.subarray(0, CUT));
    }
    // It was asked for the rest of the same object only.
    const head = { etag: '"another"', "content-length": total - asked.from };
    const range = `bytes ${asked.from}-${total - 1}/${total}`;
    answer.writeHead(206, { ...head, "content-range": range }).end(OTHER_BYTES.subarray(asked.from));
  },
  "cut-then-another-part": (answer, asked) => {
    if (asked.from === 0) {
      answer.writeHead(200, whole);
      return cutAfter(answer, TRUE_BYTES.subarray(0, CUT));
    }
    const length = total - asked.from;
    const head = { etag: ETAG, "content-length": length, "content-range": `bytes 0-${length - 1}/${total}` };
    answer.writeHead(206, head).end(TRUE_BYTES.subarray(0, length));
  },
  "cut-then-from-the-start": (answer, asked) => {
    answer.writeHead(200, whole);
    if (asked.from === 0) cutAfter(answer, TRUE_BYTES.subarray(0, CUT));
    else answer.end(TRUE_BYTES);
  },
  "shorter-than-it-says": (answer) => {
    answer.writeHead(200, { etag: ETAG, "content-length": total + 1000 });
    cutAfter(answer, TRUE_BYTES);
  },
  "without-length-and-cut": (answer) => {
    answer.writeHead(200, { "transfer-encoding": "chunked" });
    cutAfter(answer, TRUE_BYTES.subarray(0, CUT));
  },
  "half-and-a-proper-end": (answer) => {
    answer.useChunkedEncodingByDefault = false;
    answer.writeHead(200, { connection: "close" }).end(TRUE_BYTES.subarray(0, CUT));
  },
  "other-bytes": (answer, asked, head) => rest(answer, asked, head, OTHER_BYTES),
  "fewer-bytes": (answer) => void answer.writeHead(200, { "content-length": 10 }).end(TRUE_BYTES.subarray(0, 10)),
  "more-bytes": (answer) => void answer.writeHead(200).end(Buffer.concat([TRUE_BYTES, OTHER_BYTES])),
  "huge-by-its-word": (answer) => {
    answer.writeHead(200, { "content-length": 10 * 1024 ** 4 });
    answer.write(TRUE_BYTES);
  },
  endless: (answer) => {
    answer.writeHead(200);
    const more = () => {
      while (!answer.destroyed && answer.write(TRUE_BYTES));
      if (!answer.destroyed) answer.once("drain", more);
    };
    more();
  },
  "silent-at-once": () => undefined,
  "silent-half-way": (answer) => {
    answer.writeHead(200, whole);
    answer.write(TRUE_BYTES.subarray(0, CUT));
  },
  broken: (answer) => void answer.writeHead(503).end("down"),
  "no-http": (answer) => void answer.socket?.end("nonsense\r\n\r\n"),
  forbidden: (answer) => void answer.writeHead(403).end(),
} as const satisfies Record<string, Manner>;

/**
 * A server that speaks as much of S3 (path style) and of Swift (version 1 authentication) as reading needs, and lies by the name of the
 * object: `/<bucket>/<manner>`, `/v1/AUTH_test/<container>/<manner>`, `/plain/<manner>`.
 */
export class LyingStore implements AsyncDisposable {
  readonly #times = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<LyingStore> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const store = new LyingStore(server, `http://127.0.0.1:${port}`);
    server.on("request", (request: IncomingMessage, answer: ServerResponse) => store.#serve(request, answer));
    return store;
  }

  #serve(request: IncomingMessage, answer: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", this.url);
    answer.on("error", () => undefined);
    if (pathname === "/auth/v1.0") {
      const storage = { "x-auth-token": "token", "x-storage-url": `${this.url}/v1/AUTH_test` };
      answer.writeHead(200, storage).end();
      return;
    }
    const name = pathname.split("/").at(-1) ?? "";
    const manner: Manner | undefined = new Map<string, Manner>(Object.entries(MANNERS)).get(name);
    if (manner === undefined) {
      answer.writeHead(404).end();
      return;
    }
    const times = (this.#times.get(pathname) ?? 0) + 1;
    this.#times.set(pathname, times);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range: Record<string, string> = from === 0 ? {} : { "content-range": `bytes ${from}-${total - 1}/${total}` };
    manner(answer, { from, times }, { etag: ETAG, "content-length": total - from, ...range });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
