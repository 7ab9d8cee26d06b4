import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

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
  readonly instead = new Map<string, { readonly status: number; readonly body?: unknown }>();
  #issued = 0;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    /** `http://host:port`: `/v3` is Keystone, `/v2.1` is nova. */
    readonly url: string,
  ) {
    server.on("request", (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<NovaStandIn> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new NovaStandIn(server, `http://127.0.0.1:${address.parse(server.address()).port}`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const what = `${request.method} ${request.url}`;
    this.asked.push(what);
    for (const [beginning, { status, body }] of this.instead) {
      if (what.startsWith(beginning)) return reply(response, status, body);
    }
    if (what.startsWith("POST /v3/auth/tokens")) {
      this.#issued += 1;
      const token = `token${this.#issued}`;
      this.tokens.add(token);
      response.setHeader("X-Subject-Token", token);
      return reply(response, 201, { token: { expires_at: new Date(Date.now() + 3_600_000).toISOString() } });
    }
    if (!this.tokens.has(String(request.headers["x-auth-token"]))) return reply(response, 401);
    if (what.startsWith("GET /v2.1/servers?")) return reply(response, 200, { servers: [] });
    const id = what.slice("GET /v2.1/servers/".length);
    if (this.servers.has(id)) return reply(response, 200, { server: { id } });
    return reply(response, 404, { itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    const closed = once(this.server, "close");
    this.server.close();
    await closed;
  }
}

function reply(response: ServerResponse, status: number, body: unknown = {}): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
