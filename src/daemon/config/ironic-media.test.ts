import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Certificates, makeCertificates } from "#integration/rigs/certificates.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { ironicMediaSettings } from "./ironic-media.js";
import { loadConfig } from "./load.js";

let folder: string;
let certificates: Certificates;
beforeAll(async () => {
  folder = await privateDirectory("ironic-media");
  certificates = await makeCertificates(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const load = (given: Readonly<Record<string, string>>) =>
  loadConfig([], Object.fromEntries(Object.entries(given).map(([name, text]) => [`OS_IRONIC__${name}`, text]))).config;

const listen = { MEDIA_LISTEN: "0.0.0.0:8443" };
const secure = { ...listen, MEDIA_URL: "https://configdrive:8443" };
const plain = { ...listen, MEDIA_URL: "http://configdrive:8080" };
const allowed = { MEDIA_ALLOW_PLAIN_HTTP: "true" };

test.each([
  [{ MEDIA_URL: "https://configdrive:8443" }, ["media_url"]],
  [{ MEDIA_CERTIFICATE: "/c", MEDIA_KEY: "/k" }, ["media_certificate", "media_key"]],
  [allowed, ["media_allow_plain_http"]],
])("%j without media_listen is refused, each option by its name", (given, names) => {
  const problems = names.map((name) => `[ironic] ${name}: needs media_listen: without it nothing is served`);
  expect(() => load(given)).toThrow(expect.objectContaining({ name: "ConfigError", problems }));
});

test.each([
  [listen, "[ironic] media_listen = 0.0.0.0:8443: needs media_url"],
  [{ ...secure, MEDIA_CERTIFICATE: "/c" }, "[ironic] media_certificate = /c: needs media_key"],
  [{ ...secure, MEDIA_KEY: "/k" }, "[ironic] media_key = /k: needs media_certificate"],
  [
    { ...secure, MEDIA_CERTIFICATE: "/nonexistent/c", MEDIA_KEY: "/k" },
    "[ironic] media_certificate = /nonexistent/c: cannot be read: ENOENT",
  ],
  [plain, "[ironic] media_url = http://configdrive:8080: images would go in the clear, with the secrets in them"],
])("%j is refused", (given, says) => {
  expect(() => load(given)).toThrow(says);
});

test("a pair that makes no sense, or is not what conductors would meet, is refused, and a key is not repeated", async () => {
  const wrong = join(folder, "wrong");
  await writeFile(wrong, "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n");
  const { certificate, key } = certificates.server;
  const broken = () => load({ ...secure, MEDIA_CERTIFICATE: certificate, MEDIA_KEY: wrong });
  expect(broken).toThrow("[ironic] media_certificate, media_key: cannot be used: error:");
  expect(broken).not.toThrow("hunter2");
  expect(() => load({ ...plain, ...allowed, MEDIA_CERTIFICATE: certificate, MEDIA_KEY: key })).toThrow(
    "[ironic] media_url = http://configdrive:8080: must be https://: media_listen has a certificate",
  );
});

test("with TLS of its own, behind a proxy that has it, in the clear where that is allowed, and not at all", () => {
  const { certificate, key } = certificates.server;
  const own = { host: "0.0.0.0", port: 8443, url: "https://configdrive:8443", tls: { certificate, key } };
  expect(ironicMediaSettings(load({ ...secure, MEDIA_CERTIFICATE: certificate, MEDIA_KEY: key }))).toEqual(own);
  expect(ironicMediaSettings(load(secure))).toEqual({ host: "0.0.0.0", port: 8443, url: "https://configdrive:8443" });
  expect(ironicMediaSettings(load({ ...plain, ...allowed }))?.url).toBe("http://configdrive:8080");
  expect(ironicMediaSettings(load({}))).toBeUndefined();
});
