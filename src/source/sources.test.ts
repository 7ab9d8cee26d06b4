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

async function refused(url: string, settings = {}): Promise<unknown> {
  using sources = new Sources({ ...nothing, ...settings });
  try {
    for await (const _chunk of sources.read({ url }, 10, { signal: AbortSignal.timeout(1000) })) return "read";
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
