import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Refusal } from "#drive/refusal.js";
import { Unreachable } from "../http-exchange.js";
import { AnswerError, Api, ApiError } from "./api.js";
import type { Credentials, TokenSource } from "./credentials.js";
import { Line } from "./line.js";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const opened: { readonly server: Server; readonly api: Api }[] = [];
afterEach(async () => {
  for (const { server, api } of opened.splice(0)) {
    await api.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** An API whose requests the handler answers; `count` is how many came before. */
async function open(handler: Handler, patience = {}, credentials: Credentials = { kind: "none" }): Promise<Api> {
  let count = 0;
  const server = createServer((request, response) => handler(request, response, count++));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const times = { answerMs: 30_000, lockMs: 30_000, ...patience };
  const api = new Api(new Line({ url: `http://127.0.0.1:${port}/` }), credentials, times);
  opened.push({ server, api });
  return api;
}

const answer = (status: number, body: string): Handler => {
  return (_request, response) => void response.writeHead(status).end(body);
};
const signal = () => AbortSignal.timeout(60_000);
const get = (on: Api) => on.call("GET", "/v1/nodes", undefined, signal());

test("a request says which version it speaks, and its answer is JSON", async () => {
  let asked: IncomingMessage | undefined;
  const on = await open((request, response) => {
    asked = request;
    response.end('{"nodes":[]}');
  });
  expect(await get(on)).toEqual({ nodes: [] });
  expect(asked?.url).toBe("/v1/nodes");
  expect(asked?.headers).toMatchObject({ "x-openstack-ironic-api-version": "1.48" });
});

test.each([409, 503])("%i is asked again, until it is something else", async (status) => {
  const on = await open((_request, response, count) => {
    response.writeHead(count < 2 ? status : 200).end("{}");
  });
  expect(await get(on)).toEqual({});
});

test.each([409, 503])("%i is told once the time for it is over", async (status) => {
  let asked = 0;
  const on = await open(
    (_request, response) => {
      asked += 1;
      response.writeHead(status).end();
    },
    { lockMs: 250 },
  );
  await expect(get(on)).rejects.toMatchObject({ name: "ApiError", status });
  expect(asked).toBeGreaterThan(1);
});

test("a caller's end is the end of asking again", async () => {
  const caller = new AbortController();
  const on = await open((_request, response) => {
    response.writeHead(409).end();
    caller.abort();
  });
  await expect(on.call("GET", "/", undefined, caller.signal)).rejects.toMatchObject({ name: "AbortError" });
});

test.each([
  ['{"error_message": "{\\"faultstring\\": \\"Node is locked.\\"}"}', "Node is locked. (status 400)"],
  ['{"error_message": {"faultstring": "Node is locked."}}', "Node is locked. (status 400)"],
  ['{"error": {"message": "Incorrect username", "code": 401}}', "Incorrect username (status 400)"],
  ["<html>a proxy</html>", "status 400"],
  ["", "status 400"],
])("%s is told as %s", async (body, told) => {
  await expect(get(await open(answer(400, body)))).rejects.toEqual(new ApiError(400, told));
});

test("an answer that is no JSON, one that does not come, and nobody there", async () => {
  await expect(get(await open(answer(200, "<html>")))).rejects.toThrow(AnswerError);
  const silent = await open(() => undefined, { answerMs: 50 });
  await expect(get(silent)).rejects.toThrow("did not answer GET /v1/nodes within 50 ms");
  const nobody = new Api(new Line({ url: "http://127.0.0.1:1" }), { kind: "none" }, { answerMs: 30_000, lockMs: 0 });
  await expect(get(nobody)).rejects.toThrow(Unreachable);
});

test("a password goes as HTTP basic", async () => {
  let shown: string | undefined;
  const handler: Handler = (request, response) => {
    shown = request.headers.authorization;
    response.end("{}");
  };
  await get(await open(handler, {}, { kind: "basic", user: "u", password: { reveal: () => "pä:ss" } }));
  expect(shown).toBe(`Basic ${Buffer.from("u:pä:ss").toString("base64")}`);
});

test("a token that is no longer taken is forgotten, and the next one shown, once", async () => {
  const tokens = counted();
  const shown: unknown[] = [];
  const handler: Handler = (request, response) => {
    shown.push(request.headers["x-auth-token"]);
    response.writeHead(request.headers["x-auth-token"] === "token-2" ? 200 : 401).end("{}");
  };
  const on = await open(handler, {}, { kind: "keystone", tokens });
  expect(await get(on)).toEqual({});
  expect(shown).toEqual(["token-1", "token-2"]);
  tokens.forget("token-2");
  await expect(get(on)).rejects.toMatchObject({ status: 401 });
  expect(shown).toHaveLength(4);
});

test("a Keystone that gives no token is told as Ironic out of reach", async () => {
  const refused = new Refusal("KEYSTONE_UNREACHABLE", "Keystone does not let the service in");
  const tokens: TokenSource = { get: () => Promise.reject(refused), forget: () => undefined };
  const on = await open(answer(200, "{}"), {}, { kind: "keystone", tokens });
  await expect(get(on)).rejects.toMatchObject({ name: "Unreachable", message: refused.message });
});

function counted(): TokenSource {
  let number = 1;
  return {
    get: async () => `token-${number}`,
    forget: () => {
      number += 1;
    },
  };
}
