import { once } from "node:events";
import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { authorities, exchange, KeptAgent, retryAfterMs, textOf, Unreachable } from "./http-exchange.js";

let server: Server;
let port: number;
const never = new AbortController().signal;
beforeAll(async () => {
  server = createServer((asked, answer) => {
    if (asked.url === "/cut") asked.socket.destroy();
    else if (asked.url === "/large") answer.end("x".repeat(100));
    else if (asked.url === "/silent") asked.resume();
    else asked.pipe(answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function ask(path: string, signal = never): Promise<string> {
  const outgoing = request({ host: "127.0.0.1", port, path, method: "POST", signal });
  return await exchange(
    outgoing,
    () => outgoing.end("hello"),
    (incoming) => textOf(incoming, 99),
    signal,
  );
}

test("a request and its answer", async () => {
  expect(await ask("/")).toBe("hello");
});

test("an answer that is too long, and a connection that is cut, are nobody's answer", async () => {
  await expect(ask("/large")).rejects.toThrow("it answers with more than 99 bytes");
  await expect(ask("/cut")).rejects.toBeInstanceOf(Unreachable);
});

test("a body that fails ends the request, with what was wrong", async () => {
  const outgoing = request({ host: "127.0.0.1", port, path: "/silent", method: "POST" });
  const asked = exchange(
    outgoing,
    (failed) => failed(new Error("the file ends early")),
    (incoming) => textOf(incoming, 99),
    never,
  );
  await expect(asked).rejects.toThrow("the file ends early");
  expect(outgoing.destroyed).toBe(true);
});

test.each([
  ["7", 7000],
  ["0", undefined],
  ["99999", undefined],
  ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  [undefined, undefined],
])("Retry-After: %s asks to wait %d ms", (said, ms) => {
  expect(retryAfterMs({ headers: said === undefined ? {} : { "retry-after": said } })).toBe(ms);
});

test("whoever gave up is told their own reason", async () => {
  const why = new Error("enough");
  const given = new AbortController();
  const asked = expect(ask("/silent", given.signal)).rejects.toBe(why);
  given.abort(why);
  await asked;
});

test("an agent is opened once, and again after that failed; a CA file that is not there is named", async () => {
  let opened = 0;
  const agent = new KeptAgent(async () => {
    if (++opened === 1) await authorities("/nowhere/ca.pem");
    return new Agent({ keepAlive: true });
  });
  await expect(agent.opened()).rejects.toThrow(/CA file cannot be read: ENOENT.*\/nowhere\/ca.pem/);
  expect(await agent.opened()).toBe(await agent.opened());
  expect(opened).toBe(2);
  await agent.close();
});
