import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { connect, type SecureVersion } from "node:tls";
import { promisify } from "node:util";
import { status } from "@grpc/grpc-js";
import { jest } from "@jest/globals";
import { connect as connectClient } from "#client/connect.js";
import { blob as blobOf } from "#client/drive-content.js";
import { DriveClient } from "#grpc/client.js";
import type { ClientTls } from "#grpc/client-tls.js";
import { type Certificates, type KeyPair, makeCertificates } from "../rigs/certificates.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const CLIENT = ["extendedKeyUsage=clientAuth"];
const ID = "8d1f7e0c-4a53-4b6d-9f39-0d6f1b8a2c11";
const blob = { $case: "blob", value: { data: Buffer.from("x"), elsewhere: undefined } } as const;

let directory: string;
let certificates: Certificates;
let service: Service;
let port: number;
let platform: KeyPair;
let auditor: KeyPair;
/** The files that the service is configured with: what stands in them is changed in the tests. */
const at = (name: string) => join(directory, name);

const identities = (roles: string) =>
  `- uri: spiffe://example.org/platform\n  user_id: platform\n  roles: [${roles}]\n  projects: [demo]\n` +
  '- subject: O=Example,CN=auditor\n  user_id: auditor\n  roles: [reader]\n  projects: "*"\n';

beforeAll(async () => {
  directory = await privateDirectory("operate");
  certificates = await makeCertificates(directory);
  platform = await certificates.issue("platform", {
    extensions: [...CLIENT, "subjectAltName=URI:spiffe://example.org/platform"],
  });
  auditor = await certificates.issue("auditor", { extensions: CLIENT, subject: "/O=Example/CN=auditor" });
  await copyFile(certificates.server.certificate, at("server.pem"));
  await copyFile(certificates.server.key, at("server.key"));
  await copyFile(await certificates.revoke(), at("crl.pem"));
  await writeFile(at("identities.yaml"), identities("member, reader"));
  await mkdir(at("instances"));
  port = await freePort();
  service = await Service.start({
    instances: at("instances"),
    config: [
      ...["[grpc]", `tls_listen = 127.0.0.1:${port}`],
      ...[`tls_certificate = ${at("server.pem")}`, `tls_key = ${at("server.key")}`],
      ...[`client_ca = ${certificates.authority}`, `client_crl = ${at("crl.pem")}`],
      `identities_file = ${at("identities.yaml")}`,
    ],
  });
}, 120_000);
afterAll(async () => {
  await service?.stop();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function showing(own?: KeyPair, authority = certificates.authority): Promise<ClientTls> {
  const authorities = await readFile(authority);
  if (own === undefined) return { authorities };
  return { authorities, own: { certificate: await readFile(own.certificate), key: await readFile(own.key) } };
}

async function dial(own?: KeyPair): Promise<DriveClient> {
  return new DriveClient(`localhost:${port}`, await showing(own));
}

/** Has the service read its configuration again, and waits until the log tells of it. */
async function reload(event: "reloaded" | "not_reloaded"): Promise<void> {
  const before = (await service.events(event)).length;
  service.hangUp();
  await until(120_000, event, async () => (await service.events(event)).length > before);
}

test("a certificate with an identity gets in, and the log says who called from where", async () => {
  using client = await dial(platform);
  const { drive } = await client.populateVolume({ requestId: ID, content: blob });
  expect(drive).toMatchObject({ projectId: "demo" });
  expect((await client.listDrives({}, { projectId: "demo" })).drives).toHaveLength(1);
  const lines = await until(120_000, "both calls in the log", async () => {
    const calls = await service.events("call");
    return calls.length >= 2 && calls;
  });
  expect(lines[0]).toMatchObject({
    ...{ method: "PopulateVolume", outcome: "done", user_id: "platform", project_id: "demo" },
    peer: expect.stringMatching(/^(::ffff:)?127\.0\.0\.1:\d+$/),
  });
});

describe("nobody else gets in:", () => {
  test("no certificate, one of another authority, one that expired, one for servers", async () => {
    await mkdir(at("foreign"));
    const foreign = await makeCertificates(at("foreign"));
    const expired = await certificates.issue("expired", {
      extensions: [...CLIENT, "subjectAltName=URI:spiffe://example.org/platform"],
      days: -1,
    });
    for (const own of [undefined, foreign.client, expired, certificates.server]) {
      using client = await dial(own);
      await expect(client.listDrives({})).rejects.toMatchObject({ code: status.UNAVAILABLE });
    }
  });

  test("one that is nobody's is answered UNAUTHENTICATED, and its names are logged", async () => {
    using client = await dial(certificates.client);
    const refused = { code: status.UNAUTHENTICATED, reason: "UNAUTHENTICATED" };
    await expect(client.listDrives({}, { projectId: "demo" })).rejects.toMatchObject(refused);
    const events = client.watchDrives({}, { projectId: "demo" })[Symbol.asyncIterator]();
    await expect(events.next()).rejects.toMatchObject(refused);
    async function* messages() {
      yield { data: Buffer.from("x"), sizeBytes: 1n, sha256: "" };
    }
    await expect(client.uploadContent(messages())).rejects.toMatchObject(refused);
    const lines = await until(120_000, "the refusals in the log", async () => {
      const refusals = (await service.events("call")).filter(({ reason }) => reason === "UNAUTHENTICATED");
      return refusals.length >= 3 && refusals;
    });
    expect(lines[0]).toMatchObject({ method: "ListDrives", certificate: "subject CN=client", peer: expect.anything() });
  });

  test("another project's drives, and what the roles do not allow", async () => {
    using client = await dial(platform);
    const forbidden = { code: status.PERMISSION_DENIED, reason: "FORBIDDEN" };
    await expect(client.listDrives({}, { projectId: "other" })).rejects.toMatchObject(forbidden);
    using reader = await dial(auditor);
    expect((await reader.listDrives({}, { projectId: "demo" })).drives).toHaveLength(1);
    expect((await reader.listDrives({}, { projectId: "other" })).drives).toEqual([]);
    const change = reader.populateVolume({ requestId: ID, content: blob }, { projectId: "demo" });
    await expect(change).rejects.toMatchObject(forbidden);
  });

  test("without TLS, with a TLS that is too old, or with a request that is too large", async () => {
    using plain = new DriveClient(`localhost:${port}`);
    await expect(plain.listDrives({}, { projectId: "demo" })).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(await answerTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).not.toContain("SETTINGS");
    expect(await handshake("TLSv1.1")).toMatch(/alert protocol version|unsupported protocol/i);
    expect(await handshake("TLSv1.2")).toBe("TLSv1.2");
    using client = await dial(platform);
    const large = { $case: "blob", value: { data: Buffer.alloc(9 << 20), elsewhere: undefined } } as const;
    const refused = client.populateVolume({ requestId: ID, content: large });
    await expect(refused).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  });
});

test("SIGHUP takes over identities, revocations and the certificate; what cannot be used changes nothing", async () => {
  using open = await dial(platform);
  const populate = () => open.populateVolume({ requestId: ID, content: blob });
  expect((await populate()).drive).toMatchObject({ projectId: "demo" });
  await writeFile(at("identities.yaml"), identities("reader"));
  await reload("reloaded");
  // The connection that was open stays; who its caller is was read anew.
  await expect(populate()).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await writeFile(at("identities.yaml"), "- nonsense\n");
  await reload("not_reloaded");
  await expect(populate()).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await writeFile(at("identities.yaml"), identities("member, reader"));

  await copyFile(certificates.client.key, at("server.key"));
  await reload("not_reloaded");
  expect(await serialNumber()).toBe(await serialOf(certificates.server));
  const renewed = await certificates.issue("renewed", {
    extensions: ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"],
  });
  await copyFile(renewed.certificate, at("server.pem"));
  await copyFile(renewed.key, at("server.key"));
  await copyFile(await certificates.revoke(auditor), at("crl.pem"));
  await reload("reloaded");
  expect(await serialNumber()).toBe(await serialOf(renewed));
  using reader = await dial(auditor);
  await expect(reader.listDrives({}, { projectId: "demo" })).rejects.toMatchObject({ code: status.UNAVAILABLE });
  using client = await dial(platform);
  expect((await client.listDrives({})).drives).toHaveLength(1);
});

test("the client library dials it with certificates, and is told what is wrong without", async () => {
  const ca = await readFile(certificates.authority);
  const [cert, key] = [await readFile(platform.certificate), await readFile(platform.key)];
  const target = `localhost:${port}`;
  using service = connectClient({ target, tls: { ca, cert, key } });
  const { drive } = await service.populateVolume({ content: blobOf(Buffer.alloc(512)) });
  expect(drive?.projectId).toBe("demo");
  await service.deleteDrive({ driveId: drive?.id ?? "" });
  using unknown = connectClient({ target, tls: { ca }, retry: false });
  await expect(unknown.getCapabilities()).rejects.toMatchObject({ reason: "UNREACHABLE" });
});

test("the command line dials it, by options or by the environment", async () => {
  const run = promisify(execFile);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const files = [`--ca=${certificates.authority}`, `--cert=${platform.certificate}`, `--key=${platform.key}`];
  const server = `localhost:${port}`;
  const { stdout } = await run("bin/configdrive", ["drive", "list", "--server", server, ...files], { env });
  expect(stdout).toMatch(/^[0-9a-f-]{36} {2}AVAILABLE/);
  const environment = { ...env, CONFIGDRIVE_SERVER: server, CONFIGDRIVE_CA: certificates.authority };
  const bare = run("bin/configdrive", ["drive", "list", "--timeout", "5"], { env: environment });
  await expect(bare).rejects.toMatchObject({ code: 69 });
  const half = run("bin/configdrive", ["drive", "list", "--cert", platform.certificate], { env });
  await expect(half).rejects.toMatchObject({ stderr: expect.stringContaining("--cert and --key need --ca") });
});

if (process.env.FORM === "full") {
  test("the contract's cases pass over TLS", async () => {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { certificate, key } = platform;
    const files = { CONFIGDRIVE_CA: certificates.authority, CONFIGDRIVE_CERT: certificate, CONFIGDRIVE_KEY: key };
    const args = ["--silent", "conformance", `TARGET=localhost:${port}`];
    const { stderr } = await promisify(execFile)("make", args, { env: { ...env, ...files }, maxBuffer: 16 << 20 });
    expect(stderr).toMatch(/Tests: +\d+ passed, \d+ total/);
  }, 300_000);
}

/** What the port says to bytes in the clear, until it hangs up. */
function answerTo(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connectTcp(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += data.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(answer));
  });
}

/** Shakes hands with one version of TLS, and gives the version that came of it, or the error. */
async function handshake(version: SecureVersion): Promise<string> {
  const { authorities, own } = await showing(platform);
  return new Promise((resolve) => {
    const socket = connect({
      ...{ port, host: "127.0.0.1", servername: "localhost", ca: authorities, ALPNProtocols: ["h2"] },
      ...{ cert: own?.certificate, key: own?.key, minVersion: version, maxVersion: version },
      // OpenSSL speaks nothing this old at a higher level.
      ...(version === "TLSv1.1" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {}),
    });
    socket.once("secureConnect", () => {
      resolve(socket.getProtocol() ?? "");
      socket.destroy();
    });
    socket.once("error", (error) => resolve(error.message));
  });
}

/** The serial number of the certificate that the service shows now. */
async function serialNumber(): Promise<string> {
  const { authorities, own } = await showing(platform);
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", servername: "localhost", ca: authorities };
    const socket = connect({ ...options, cert: own?.certificate, key: own?.key, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

async function serialOf({ certificate }: KeyPair): Promise<string> {
  return new X509Certificate(await readFile(certificate)).serialNumber;
}
