import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { AddressPolicy } from "./address-policy.js";
import { Sources } from "./sources.js";

const http = {
  addresses: new AddressPolicy(),
  plain: false,
  redirects: 0,
  silenceMs: 100,
  attempts: 1,
  firstWaitMs: 1,
};
const nothing = { http, fileFolders: [] };
const s3 = {
  region: "us-east-1",
  endpoint: "http://127.0.0.1:1",
  pathStyle: true,
  silenceMs: 100,
  attempts: 1,
  firstWaitMs: 1,
};

/** A real server on loopback. */
async function httpServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function refused(url: string, settings = {}): Promise<unknown> {
  using sources = new Sources({ ...nothing, ...settings });
  try {
    for await (const _chunk of sources.read({ url }, 10, { signal: AbortSignal.timeout(10_000) })) return "read";
  } catch (error) {
    return error;
  }
  return "read";
}

test.each([
  ["nonsense", "must be a URL"],
  ["ftp://e.org/x", "the scheme ftp is none of"],
  ["s3://bucket/key", "no S3 service is configured"],
  ["swift://container/object", "no Swift account is configured"],
  ["file:///etc/passwd", "is not below a folder"],
  ["http://e.org/x", "must be https://"],
])("%s is refused where nothing is configured: %s", async (url, rule) => {
  expect(await refused(url)).toMatchObject({ reason: "SOURCE_NOT_ALLOWED", message: expect.stringContaining(rule) });
});

test.each([
  "s3://bucket",
  "s3://bucket/",
  "s3://Bucket@evil/key",
  "s3://a/key",
  "s3://bucket/%zz",
  "s3://bucket.evil.org:80/k@",
])("%s names no object, or could name another host", async (url) => {
  const result = await refused(url, { s3 });
  expect(result).toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
});

test("an answer of the Swift account leads nowhere else: the rules for callers' places do not hold there", async () => {
  let asked = 0;
  await using near = await httpServer((_request, response) => {
    asked += 1;
    response.end("what is near by");
  });
  await using account = await httpServer((request, response) => {
    if (request.url !== "/auth") return void response.writeHead(302, { location: near.url }).end();
    response.writeHead(200, { "x-auth-token": "t", "x-storage-url": `${account.url}/v1/AUTH_a` }).end();
  });
  const anywhere = { ...http, addresses: new AddressPolicy([{ address: "127.0.0.0", prefix: 8 }]), plain: true };
  const swift = {
    account: { authUrl: `${account.url}/auth`, user: "u", key: { reveal: () => "k" } },
    http: { ...anywhere, redirects: 3, silenceMs: 5000 },
  };
  expect(await refused("swift://container/object", { swift })).toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
  expect(asked).toBe(0);
});
