import { once } from "node:events";
import { createServer } from "node:http";
import { z } from "zod";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const address = z.object({ port: z.number() });

/** In the place of Keystone and of nova's compute API, for unit tests: says which servers there are, or what a test has it say. */
export class NovaStandIn implements AsyncDisposable {
  /** The servers that nova has. */
  readonly servers = new Set<string>();
  /** What it was asked, as `GET /v2.1/servers/…`. */
  readonly asked: string[] = [];
  /** Tokens that were given out and are taken. */
  readonly tokens = new Set<string>();
  /** Answers in the place of its own, by the beginning of what is asked. */
  readonly instead = new Map<string, Answer>();
  #issued = 0;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    /** `http://host:port`: `/v3` is Keystone, `/v2.1` is nova. */
    readonly url: string,
  ) {
    server.on("request", (request, response) => {
      request.resume();
      const token = String(request.headers["x-auth-token"]);
      const { status, headers = {}, body = {} } = this.#answer(`${request.method} ${request.url}`, token);
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    });
  }

  static async start(): Promise<NovaStandIn> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new NovaStandIn(server, `http://127.0.0.1:${address.parse(server.address()).port}`);
  }

  #answer(what: string, token: string): Answer {
    this.asked.push(what);
    for (const [beginning, answer] of this.instead) {
      if (what.startsWith(beginning)) return answer;
    }
    if (what.startsWith("POST /v3/auth/tokens")) return this.#newToken();
    if (!this.tokens.has(token)) return { status: 401 };
    if (what.startsWith("GET /v2.1/servers?")) return { status: 200, body: { servers: [] } };
    const id = what.slice("GET /v2.1/servers/".length);
    if (this.servers.has(id)) return { status: 200, body: { server: { id } } };
    return { status: 404, body: { itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } } };
  }

  #newToken(): Answer {
    this.#issued += 1;
    const token = `token${this.#issued}`;
    this.tokens.add(token);
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const body = { token: { expires_at, project: { id: "rig" } } };
    return { status: 201, headers: { "x-subject-token": token }, body };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    const closed = once(this.server, "close");
    this.server.close();
    await closed;
  }
}
