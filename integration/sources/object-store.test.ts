import { createHash, createHmac, randomBytes } from "node:crypto";
import { AddressPolicy, parseNetwork } from "#source/address-policy.js";
import { type SourceSettings, Sources } from "#source/sources.js";
import { Scope } from "../rigs/scope.js";
import { Swift } from "../rigs/swift.js";
import { TcpProxy } from "../rigs/tcp-proxy.js";

/** Large enough that a cut falls into the middle of it. */
const LARGE = process.env.FORM === "full" ? 256 << 20 : 32 << 20;

const scope = new Scope();
let swift: Swift;
let proxy: TcpProxy;
const content = randomBytes(100_000);
const sha256 = createHash("sha256").update(content).digest("hex");

beforeAll(async () => {
  swift = await scope.own(Swift.start());
  proxy = await scope.own(TcpProxy.start(swift.port));
  await swift.put("drives", "a b/ü.img", content);
}, 90_000);
afterAll(() => scope[Symbol.asyncDispose](), 30_000);

function settings(key = swift.key, port = swift.port): SourceSettings {
  const loopback = parseNetwork("127.0.0.0/8");
  const addresses = new AddressPolicy(loopback === undefined ? [] : [loopback]);
  const patience = { attempts: 4, firstWaitMs: 50, silenceMs: 5000 };
  const http = { addresses, plain: true, redirects: 0, ...patience };
  const url = `http://127.0.0.1:${port}`;
  return {
    http,
    fileFolders: [],
    s3: {
      endpoint: url,
      region: swift.region,
      pathStyle: true,
      credentials: { accessKeyId: swift.user, secretAccessKey: { reveal: () => key } },
      ...patience,
    },
    swift: {
      account: {
        authUrl: `${url}/auth/v1.0`,
        user: swift.user,
        key: { reveal: () => key },
        storageUrl: `${url}/v1/AUTH_test`,
      },
      http,
    },
  };
}

interface Read {
  readonly size: number;
  readonly sha256: string;
}

async function read(
  url: string,
  change: { key?: string; port?: number; sha256?: string; max?: number; onChunk?: (size: number) => void } = {},
): Promise<Read> {
  using sources = new Sources(settings(change.key, change.port));
  const hash = createHash("sha256");
  let size = 0;
  const reference = { url, ...(change.sha256 === undefined ? {} : { sha256: change.sha256 }) };
  for await (const chunk of sources.read(reference, change.max ?? LARGE, { signal: AbortSignal.timeout(60_000) })) {
    hash.update(chunk);
    size += chunk.length;
    change.onChunk?.(size);
  }
  return { size, sha256: hash.digest("hex") };
}

/** A temporary URL (Swift, tempurl middleware): whoever has it may read, until it expires. */
async function temporaryUrl(expires: number): Promise<string> {
  await swift.request("POST", "", undefined, { "x-account-meta-temp-url-key": "k" });
  const path = "/v1/AUTH_test/drives/a%20b/%C3%BC.img";
  const signature = createHmac("sha256", "k")
    .update(`GET\n${expires}\n${decodeURIComponent(path)}`)
    .digest("hex");
  return `${swift.url}${path}?temp_url_sig=${signature}&temp_url_expires=${expires}`;
}

describe.each(["s3", "swift"])("an object by %s://", (scheme) => {
  const object = `${scheme}://drives/a%20b/%C3%BC.img`;

  test("is read whole, and its digest is checked", async () => {
    expect(await read(object, { sha256 })).toEqual({ size: content.length, sha256 });
    await expect(read(object, { sha256: sha256.replace(/^./, "x") })).rejects.toMatchObject({
      reason: "SOURCE_MISMATCH",
    });
  });

  test("that is not there, or in a container that is not, is SOURCE_NOT_FOUND", async () => {
    await expect(read(`${scheme}://drives/none`)).rejects.toMatchObject({ reason: "SOURCE_NOT_FOUND" });
    await expect(read(`${scheme}://no-such-place/none`)).rejects.toMatchObject({ reason: "SOURCE_NOT_FOUND" });
  });

  test("is not read with a wrong key, and the error shows none", async () => {
    const refusal = await read(object, { key: "wrong-secret" }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ reason: "SOURCE_NOT_FOUND" });
    expect(String(refusal)).not.toContain("wrong-secret");
  });

  test("over the limit is refused before it is read", async () => {
    await expect(read(object, { max: 1000 })).rejects.toMatchObject({ reason: "CONTENT_TOO_LARGE" });
  });

  test("whose transfer is cut is taken up where it stopped", async () => {
    const large = randomBytes(LARGE);
    await swift.put("drives", "large", large);
    let cuts = 0;
    const onChunk = (size: number) => {
      if (size < (LARGE / 4) * (cuts + 1) || cuts === 2) return;
      cuts += 1;
      proxy.cut();
    };
    const whole = await read(`${scheme}://drives/large`, { port: proxy.port, onChunk });
    expect(whole).toEqual({ size: LARGE, sha256: createHash("sha256").update(large).digest("hex") });
    expect(cuts).toBe(2);
  }, 120_000);
});

test("a temporary URL is read like any other, until it expires", async () => {
  const now = Math.floor(Date.now() / 1000);
  expect(await read(await temporaryUrl(now + 600))).toEqual({ size: content.length, sha256 });
  const late = await read(await temporaryUrl(now - 1)).catch((error: unknown) => error);
  expect(late).toMatchObject({ reason: "SOURCE_NOT_FOUND" });
  expect(String(late)).not.toContain("temp_url_sig");
});
