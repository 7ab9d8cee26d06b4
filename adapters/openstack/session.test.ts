import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type ProjectToken, Session } from "./session.js";

const { signal } = new AbortController();
let server: Server;
let seen: {
  readonly token: unknown;
  readonly vouching: unknown;
  readonly url: unknown;
  readonly version: unknown;
  readonly body: string;
}[];
let answers: { readonly status: number; readonly body: string }[];

beforeEach(async () => {
  seen = [];
  answers = [];
  server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const { url, headers } = request;
      const vouching = headers["x-service-token"];
      seen.push({ token: headers["x-auth-token"], vouching, url, version: headers["openstack-api-version"], body });
      const answer = answers.shift() ?? { status: 200, body: "{}" };
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}

/** Tokens `token-1`, `token-2` …, each as often as it is not forgotten. */
class Tokens {
  forgotten = 0;
  constructor(private readonly regions: readonly string[] = [""]) {}

  async project(): Promise<ProjectToken> {
    const { port } = server.address() as AddressInfo;
    const endpoints = this.regions.flatMap((region) =>
      ["image", "volumev3"].map((type) => ({
        type,
        interface: "public",
        region,
        url: `http://127.0.0.1:${port}/${type}${region}/`,
      })),
    );
    return { token: `token-${this.forgotten + 1}`, projectId: "p1", endpoints };
  }

  forget(): void {
    this.forgotten += 1;
  }
}

const session = (tokens = new Tokens(), region?: string) =>
  new Session(tokens, { interface: "public", answerMs: 10_000, ...(region === undefined ? {} : { region }) });

test("a call has the token, the microversion that it needs and its body, and gives what was answered", async () => {
  answers = [{ status: 202, body: '{"volume":{"id":"v1"}}' }];
  const call = session().call("volume", "POST", "/volumes", signal, { body: { a: 1 }, version: "3.68" });
  expect(await call).toEqual({ volume: { id: "v1" } });
  expect(seen).toMatchObject([
    { token: "token-1", vouching: undefined, url: "/volumev3/volumes", version: "volume 3.68", body: '{"a":1}' },
  ]);
});

test("a token that is refused is renewed once, and an upload begins anew", async () => {
  answers = [{ status: 401, body: "" }];
  await session().upload("/images/i1/file", () => Readable.from([Buffer.from("bytes")]), 10_000, signal);
  expect(seen.map(({ token, url, body }) => [token, url, body])).toEqual([
    ["token-1", "/image/v2/images/i1/file", "bytes"],
    ["token-2", "/image/v2/images/i1/file", "bytes"],
  ]);
});

test("with a service that vouches each request has its token too, and a refusal renews both", async () => {
  answers = [{ status: 401, body: "" }];
  let forgotten = 0;
  const serviceTokens = {
    get: async () => `service-${forgotten + 1}`,
    forget: () => {
      forgotten += 1;
    },
  };
  const vouched = new Session(new Tokens(), { interface: "public", answerMs: 10_000, serviceTokens });
  await vouched.call("volume", "GET", "/volumes", signal);
  expect(seen.map(({ token, vouching }) => [token, vouching])).toEqual([
    ["token-1", "service-1"],
    ["token-2", "service-2"],
  ]);
});

test("one that is refused twice is an error, and nobody is asked a third time", async () => {
  answers = [1, 2, 3].map(() => ({ status: 401, body: '{"error":{"message":"no"}}' }));
  await expect(session().call("volume", "GET", "/volumes", signal)).rejects.toMatchObject({
    status: 401,
    message: "no",
  });
  expect(seen).toHaveLength(2);
});

test.each([
  ['{"badRequest":{"code":400,"message":"Invalid input"}}', "Invalid input"],
  ["<html><head></head><body><h1>413</h1>\n too large </body></html>", "413 too large"],
  ["", "HTTP 413"],
])("%s is an error with its words", async (body, message) => {
  answers = [{ status: 413, body }];
  await expect(session().call("image", "GET", "/images", signal)).rejects.toMatchObject({
    service: "image",
    status: 413,
    message,
  });
});

test("an endpoint is that of the region; what the catalog does not have is told", async () => {
  await session(new Tokens(["one", "two"]), "two").call("volume", "GET", "/x", signal);
  expect(seen[0]?.url).toBe("/volumev3two/x");
  await expect(session(new Tokens(["one"]), "two").call("volume", "GET", "/x", signal)).rejects.toThrow(
    /no public endpoint of type block-storage or volumev3 in region two/,
  );
  await expect(session().call("compute", "GET", "/x", signal)).rejects.toThrow(/no public endpoint of type compute/);
});

test("nobody there, and a caller who gives up", async () => {
  const gone = session();
  const { port } = server.address() as AddressInfo;
  await expect(gone.call("image", "GET", "/x", AbortSignal.abort(new Error("given up")))).rejects.toThrow("given up");
  expect(seen).toEqual([]);
  const tokens = {
    project: async () => ({
      token: "t",
      projectId: "p1",
      endpoints: [{ type: "image", interface: "public", region: "", url: `http://127.0.0.1:${port}` }],
    }),
    forget: () => undefined,
  };
  await new Promise((resolve) => server.close(resolve));
  await expect(
    new Session(tokens, { interface: "public", answerMs: 10_000 }).call("image", "GET", "/x", signal),
  ).rejects.toThrow(/ECONNREFUSED/);
});
