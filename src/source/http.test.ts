import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from "node:net";
import type { ContentReference } from "#drive/content-source.js";
import { AddressPolicy } from "./address-policy.js";
import { noCredentials, readHttpSource } from "./http.js";

const content = Buffer.from(Array.from({ length: 100_000 }, (_unused, index) => index % 251));

/** A real server on loopback that lives for one test. */
async function serve(listener: RequestListener) {
  const server = createServer(listener);
  const url = await addressOf(server);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One that says each byte itself. */
async function speak(onConnection: (socket: Socket) => void) {
  const server = createTcpServer(onConnection);
  const url = await addressOf(server);
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

async function addressOf(server: TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/drive.img?signature=secret`;
}

const loopback = new AddressPolicy([{ address: "127.0.0.0", prefix: 8 }]);
const settings = { addresses: loopback, plain: true, redirects: 0, silenceMs: 200, attempts: 3, firstWaitMs: 1 };
const wait = () => ({ signal: AbortSignal.timeout(5000) });

async function read(
  url: string,
  change: Partial<typeof settings> = {},
  maxBytes = 1 << 20,
  named: Omit<ContentReference, "url"> = {},
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const how = { ...settings, ...change };
  for await (const chunk of readHttpSource({ url, ...named }, noCredentials, how, maxBytes, wait())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a transfer that is cut is taken up where it stopped, for the same version only", async () => {
  const asked: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    asked.push(request.headers.range);
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const head = {
      etag: '"1"',
      "content-length": content.length - from,
      "content-range": `bytes ${from}-99999/100000`,
    };
    response.writeHead(from === 0 ? 200 : 206, head);
    if (from > 0) response.end(content.subarray(from));
    else response.write(content.subarray(0, 30_000), () => response.destroy());
  });
  expect((await read(server.url)).equals(content)).toBe(true);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatch(/^bytes=\d+-$/);
});

test("a cut transfer of an object that has no version, or another one now, is no content at all", async () => {
  await using nameless = await serve((_request, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, 30_000), () => response.destroy());
  });
  await expect(read(nameless.url)).rejects.toMatchObject({ reason: "SOURCE_UNREACHABLE" });
  let times = 0;
  await using changed = await serve((_request, response) => {
    times += 1;
    response.writeHead(200, { "content-length": content.length, etag: `"${times}"` });
    response.write(content.subarray(0, 30_000), () => response.destroy());
  });
  await expect(read(changed.url)).rejects.toMatchObject({ reason: "SOURCE_UNREACHABLE" });
});

test("a server that goes on with another object than was asked for is no source", async () => {
  for (const other of [{ etag: '"2"' }, { etag: '"1"', "content-range": "bytes 30000-99999/100001" }]) {
    await using server = await serve((request, response) => {
      if (request.headers.range === undefined) {
        response.writeHead(200, { etag: '"1"', "content-length": content.length });
        response.write(content.subarray(0, 30_000), () => response.destroy());
      } else {
        const head = { "content-range": "bytes 30000-99999/100000", "content-length": 70_000, ...other };
        response.writeHead(206, head).end(content.subarray(30_000));
      }
    });
    await expect(read(server.url)).rejects.toMatchObject({
      reason: "SOURCE_UNREACHABLE",
      message: expect.stringContaining("has changed since"),
    });
  }
});

test("a server that is overloaded for a while is asked again", async () => {
  let times = 0;
  await using server = await serve((_request, response) => {
    times += 1;
    response.writeHead(times < 3 ? 503 : 200).end("ok");
  });
  expect((await read(server.url)).toString()).toBe("ok");
});

test.each([
  [404, "SOURCE_NOT_FOUND"],
  [403, "SOURCE_NOT_FOUND"],
  [500, "SOURCE_UNREACHABLE"],
  [418, "SOURCE_UNREACHABLE"],
])("an answer of %i is %s, and no error shows the query", async (status, reason) => {
  await using server = await serve((_request, response) => response.writeHead(status).end());
  const refusal = await read(server.url).catch((error: Error) => error);
  expect(refusal).toMatchObject({ reason });
  expect(JSON.stringify([refusal, String(refusal)])).not.toContain("secret");
});

test("what announces more than the limit is refused before a byte is taken", async () => {
  await using server = await serve((_request, response) =>
    response.writeHead(200, { "content-length": 10_000_000 }).flushHeaders(),
  );
  await expect(read(server.url, {}, 1000)).rejects.toMatchObject({ reason: "CONTENT_TOO_LARGE" });
});

test("a server that falls silent is given up", async () => {
  await using server = await serve((_request, response) =>
    response.writeHead(200, { "content-length": 10 }).write("x"),
  );
  await expect(read(server.url, { attempts: 1, silenceMs: 50 })).rejects.toMatchObject({
    reason: "SOURCE_UNREACHABLE",
  });
});

test("redirects are refused unless configured, and then held to the same rules", async () => {
  await using target = await serve((_request, response) => response.end("there"));
  await using server = await serve((_request, response) => response.writeHead(302, { location: target.url }).end());
  await using near = await serve((_request, response) =>
    response.writeHead(302, { location: "http://10.0.0.1/" }).end(),
  );
  await expect(read(server.url)).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
  expect((await read(server.url, { redirects: 1 })).toString()).toBe("there");
  await expect(read(near.url, { redirects: 1 })).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
});

test("names and addresses of machines near by are refused without a connection", async () => {
  let times = 0;
  await using server = await serve((_request, response) => {
    times += 1;
    response.end();
  });
  const strict = { addresses: new AddressPolicy() };
  await expect(read(server.url, strict)).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
  await expect(read(server.url.replace("127.0.0.1", "localhost"), strict)).rejects.toMatchObject({
    reason: "SOURCE_NOT_ALLOWED",
  });
  await expect(read(server.url.replace("127.0.0.1", "0x7f.1"), strict)).rejects.toMatchObject({
    reason: "SOURCE_NOT_ALLOWED",
  });
  expect(times).toBe(0);
});

test("without TLS nothing is read unless that is allowed", async () => {
  await expect(read("http://192.0.2.1/", { plain: false })).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
});

test("an encoding that was not asked for is refused", async () => {
  await using server = await serve((_request, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
  );
  await expect(read(server.url)).rejects.toMatchObject({ reason: "SOURCE_MISMATCH" });
});

test("an answer that ends where its connection does may be cut: it is read only as what was named", async () => {
  const half = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf";
  await using server = await speak((socket) => socket.once("data", () => socket.end(half)));
  await expect(read(server.url)).rejects.toMatchObject({ reason: "SOURCE_UNREACHABLE" });
  await expect(read(server.url)).rejects.toThrow("name sha256 or size_bytes");
  expect((await read(server.url, {}, 1 << 20, { sizeBytes: 4 })).toString()).toBe("half");
});
