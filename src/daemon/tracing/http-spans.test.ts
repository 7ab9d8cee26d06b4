import { once } from "node:events";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { recordHttpRequests } from "./http-spans.js";
import type { Span } from "./span.js";
import { Tracer } from "./tracer.js";

const spans: Span[] = [];
const tracer = new Tracer({
  ids: { hex: () => "c".repeat(32) },
  now: () => 0,
  sample: () => true,
  ended: (span) => spans.push(span),
});
const work = { name: "w", attributes: {}, parent: undefined, reasonOf: () => "" };
const server = createServer((request, response) => response.writeHead(request.url === "/gone" ? 404 : 200).end("text"));
let port = 0;
let stop: () => void;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  ({ port } = server.address() as AddressInfo);
  stop = recordHttpRequests(tracer);
});
afterAll(async () => {
  stop();
  server.close();
  await once(server, "close");
});
beforeEach(() => {
  spans.length = 0;
});

/** Makes a request, and waits for all of the answer. */
async function ask(path: string, to = port): Promise<void> {
  const request = get({ host: "127.0.0.1", port: to, path, agent: false });
  const [response] = await once(request, "response");
  await once(response.resume(), "end");
}

test("a request of work in a trace is a span below it, with its server and its outcome", async () => {
  await tracer.trace(work, () => ask("/secret?signature=hunter2"));
  await tracer.trace(work, () => ask("/gone"));
  const requests = spans.filter(({ kind }) => kind === "client");
  expect(requests).toMatchObject([
    {
      ...{ name: "GET", traceId: "c".repeat(32), parentId: "c".repeat(16), error: undefined },
      attributes: {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "http.response.status_code": "200",
      },
    },
    { name: "GET", error: "404" },
  ]);
  expect(JSON.stringify(spans)).not.toContain("hunter2");
});

test("one that fails is told by its code; one of no trace is not recorded, nor any once it was ended", async () => {
  const closed = createServer();
  await once(closed.listen(0, "127.0.0.1"), "listening");
  const { port: nobody } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, "close");
  await expect(tracer.trace(work, () => ask("/", nobody))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(spans.filter(({ kind }) => kind === "client")).toMatchObject([{ error: "ECONNREFUSED" }]);
  spans.length = 0;
  await ask("/");
  stop();
  await tracer.trace(work, () => ask("/"));
  expect(spans.map(({ kind }) => kind)).toEqual(["server"]);
  stop = recordHttpRequests(tracer);
});
