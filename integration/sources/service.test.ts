import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import type { UploadContentRequest } from "#gen/configdrive/v1/drive_service.js";
import { DriveClient } from "#grpc/client.js";
import { makeCertificates } from "#integration/rigs/certificates.js";
import type { Door } from "#integration/rigs/door.js";
import { driveOf } from "#integration/rigs/drive-answer.js";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { OsloClient } from "#integration/rigs/oslo-client.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Scope } from "#integration/rigs/scope.js";
import { Service } from "#integration/rigs/service.js";
import { Swift } from "#integration/rigs/swift.js";
import { TcpProxy } from "#integration/rigs/tcp-proxy.js";
import { until } from "#integration/rigs/wait.js";

const MEBIBYTE = 1 << 20;
const LARGE = (process.env.FORM === "full" ? 1024 : 128) * MEBIBYTE;
/** What a large blob may need above what the idle service needs. */
const ALLOWED = 64 * MEBIBYTE;
/** The same for a download, which has to keep what the client does not take at once. */
const ALLOWED_TO_DOWNLOAD = 96 * MEBIBYTE;

const doorNames: Door["name"][] = ["bus", "gRPC"];
const content = randomBytes(4096 * 100);
const sha256 = digestOf(content);

const scope = new Scope();
const doors = new Map<Door["name"], Door>();
let directory: string;
let swift: Swift;
let proxy: TcpProxy;
let server: Server;
let service: Service;
let client: DriveClient;
let https: string;

beforeAll(async () => {
  directory = await privateDirectory("sources");
  const certificates = await makeCertificates(directory);
  const [key, cert] = await Promise.all([readFile(certificates.server.key), readFile(certificates.server.certificate)]);
  server = createServer({ key, cert }, (_, answer) => answer.end(content));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  https = `https://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/volume`;
  const broker = await scope.own(RabbitMq.start());
  swift = await scope.own(Swift.start());
  proxy = await scope.own(TcpProxy.start(swift.port));
  await swift.put("volumes", "small", content);
  const config = [
    ...["[sources]", "allowed_networks = 127.0.0.0/8", "timeout = 5", "attempts = 3"],
    ...["[s3]", `endpoint_url = ${swift.url}`, `region = ${swift.region}`],
    ...[`access_key = ${swift.user}`, `secret_key = ${swift.key}`],
    ...["[swift]", `auth_url = ${swift.authUrl}`, `user = ${swift.user}`, `key = ${swift.key}`],
    `storage_url = http://127.0.0.1:${proxy.port}/v1/AUTH_test`,
    ...["[limits]", `content_bytes = ${2 * 1024 * MEBIBYTE}`, `volume_bytes = ${2 * 1024 * MEBIBYTE}`],
  ];
  service = await Service.make({ transportUrl: broker.transportUrl, config });
  await scope.own(Promise.resolve(service));
  await service.start({ NODE_EXTRA_CA_CERTS: certificates.authority });
  await service.healthy("configdrive.bus");
  doors.set("bus", await scope.own(OsloClient.start(broker.transportUrl)));
  doors.set("gRPC", await scope.own(Promise.resolve(new GrpcDoor(service.address))));
  client = new DriveClient(service.address);
}, 180_000);

afterAll(async () => {
  client[Symbol.dispose]();
  server.close();
  server.closeAllConnections();
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
}, 60_000);

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const inTime = (seconds = 60) => ({ projectId: "demo", deadline: new Date(Date.now() + seconds * 1000) });
const partials = async () =>
  (await readdir(join(service.drives, ".content"))).filter((name) => name.endsWith(".partial"));

/** Populates from a source, and gives the drive. */
async function populate(door: Door, source: object, more: object = {}) {
  return driveOf(await door.call("populate_volume", { request_id: randomUUID(), blob: { source }, ...more }));
}

/** What DownloadImage gives: what was announced, and what came. */
async function downloaded(driveId: string, seconds?: number) {
  const hash = createHash("sha256");
  let size = 0;
  let announced = "";
  for await (const { part } of client.downloadImage({ driveId }, inTime(seconds))) {
    if (part?.$case === "header") announced = part.value.sha256;
    if (part?.$case !== "data") continue;
    hash.update(part.value);
    size += part.value.length;
  }
  return { announced, size, sha256: hash.digest("hex") };
}

describe.each(doorNames)("over %s", (name) => {
  test.each(["s3", "swift", "https"])("a volume by %s has exactly the object's bytes", async (scheme) => {
    const url = scheme === "https" ? https : `${scheme}://volumes/small`;
    const { id } = await populate(doors.get(name)!, { url, sha256, size_bytes: content.length });
    expect(await downloaded(id)).toEqual({ announced: sha256, size: content.length, sha256 });
  });

  test("a file of a tree by its source stands beside inline ones", async () => {
    const files = [
      { path: "big", source: { url: "s3://volumes/small" } },
      { path: "small", text: "text" },
      { path: "again", same_as: "big" },
    ];
    const drive = driveOf(
      await doors.get(name)!.call("populate_volume", { request_id: randomUUID(), files: { files } }),
    );
    const { image } = await client.inspectDrive({ driveId: drive.id }, inTime());
    expect(image?.entries.map((entry) => [entry.path, entry.sha256])).toEqual([
      ["again", sha256],
      ["big", sha256],
      ["small", digestOf(Buffer.from("text"))],
    ]);
  });

  test("what is not what was named, or not allowed, is refused, and the drive is as before", async () => {
    const door = doors.get(name)!;
    const before = await populate(door, { url: https });
    const again = (source: object) => populate(door, source, { drive_id: before.id });
    await expect(again({ url: "s3://volumes/small", sha256: "0".repeat(64) })).rejects.toMatchObject({
      reason: "SOURCE_MISMATCH",
    });
    await expect(again({ url: "swift://volumes/none" })).rejects.toMatchObject({ reason: "SOURCE_NOT_FOUND" });
    await expect(again({ url: "file:///etc/passwd" })).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
    await expect(again({ url: "https://10.0.0.1/x" })).rejects.toMatchObject({ reason: "SOURCE_NOT_ALLOWED" });
    await expect(again({ url: https, sha256: "short" })).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
    const now = driveOf(await door.call("get_drive", { drive_id: before.id }));
    expect(now).toEqual(before);
    expect(await partials()).toEqual([]);
  });

  test("capabilities name the schemes that are configured", async () => {
    const told = await doors.get(name)!.call("get_capabilities", {});
    expect(told).toMatchObject({
      version: "1.2",
      source_schemes: ["https", "s3", "swift"],
      hypervisor: { name: "qemu" },
    });
  });

  test("what is uploaded becomes a volume", async () => {
    const bytes = randomBytes(9 * MEBIBYTE);
    async function* messages(): AsyncGenerator<UploadContentRequest> {
      for (let at = 0; at < bytes.length; at += MEBIBYTE) {
        const said =
          at === 0 ? { sizeBytes: BigInt(bytes.length), sha256: digestOf(bytes) } : { sizeBytes: 0n, sha256: "" };
        yield { data: bytes.subarray(at, at + MEBIBYTE), ...said };
      }
    }
    const { contentId } = await client.uploadContent(messages(), inTime());
    const blob = { content_id: contentId };
    const drive = driveOf(await doors.get(name)!.call("populate_volume", { request_id: randomUUID(), blob }));
    expect(await downloaded(drive.id)).toMatchObject({ size: bytes.length, sha256: digestOf(bytes) });
  });
});

test("an upload that its client breaks off leaves nothing", async () => {
  const names = await readdir(join(service.drives, ".content"));
  const controller = new AbortController();
  async function* messages(): AsyncGenerator<UploadContentRequest> {
    yield { data: randomBytes(MEBIBYTE), sizeBytes: BigInt(2 * MEBIBYTE), sha256: "" };
    await until(60_000, "the service to write", async () => (await partials()).length > 0);
    controller.abort();
    await until(60_000, "the service to take away what it wrote", async () => (await partials()).length === 0);
  }
  const upload = client.uploadContent(messages(), { ...inTime(), signal: controller.signal });
  await expect(upload).rejects.toThrow("Cancelled");
  await until(60_000, "nothing to be left", async () => (await partials()).length === 0);
  expect(await readdir(join(service.drives, ".content"))).toEqual(names);
});

test("an upload that stalls until its deadline leaves nothing", async () => {
  const names = await readdir(join(service.drives, ".content"));
  const ended = new AbortController();
  async function* messages(): AsyncGenerator<UploadContentRequest> {
    yield { data: randomBytes(MEBIBYTE), sizeBytes: BigInt(2 * MEBIBYTE), sha256: "" };
    await once(ended.signal, "abort");
  }
  const upload = client.uploadContent(messages(), { ...inTime(), deadline: new Date(Date.now() + 2000) });
  await expect(upload).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  ended.abort();
  await until(60_000, "nothing to be left", async () => (await partials()).length === 0);
  expect(await readdir(join(service.drives, ".content"))).toEqual(names);
});

describe("a large object", () => {
  const bytes = Buffer.alloc(LARGE);
  let large: string;

  beforeAll(async () => {
    for (let at = 0; at < LARGE; at += 32 * MEBIBYTE) randomBytes(32 * MEBIBYTE).copy(bytes, at);
    large = digestOf(bytes);
    await swift.put("volumes", "large", bytes);
  }, 120_000);

  test("whose store goes away in mid-transfer leaves the drive as before", async () => {
    const door = doors.get("gRPC")!;
    const before = await populate(door, { url: https });
    // It stands still in mid-transfer, so that it cannot be over before it is cut.
    proxy.stallAfter(16 * MEBIBYTE);
    const cut = populate(door, { url: "swift://volumes/large" }, { drive_id: before.id });
    cut.catch(() => undefined);
    await until(
      30_000,
      "a part of the object to have come",
      async () => {
        const [name] = await partials();
        return name !== undefined && (await stat(join(service.drives, ".content", name))).size > 4 * MEBIBYTE;
      },
      5,
    );
    await proxy.leave();
    proxy.relay();
    await expect(cut).rejects.toMatchObject({ reason: "SOURCE_UNREACHABLE" });
    expect(await partials()).toEqual([]);
    expect(driveOf(await door.call("get_drive", { drive_id: before.id }))).toEqual(before);
    await proxy.listen();
  }, 90_000);

  test("streams from the store to the volume, and back to a client, in little memory", async () => {
    await populate(doors.get("gRPC")!, { url: "s3://volumes/small" });
    const idle = await memory("VmRSS");
    await writeFile(`/proc/${service.pid}/clear_refs`, "5");
    const source = { url: "s3://volumes/large", sha256: large, sizeBytes: 0n };
    const value = { data: Buffer.alloc(0), elsewhere: { $case: "source", value: source } } as const;
    const { drive } = await client.populateVolume(
      { requestId: randomUUID(), content: { $case: "blob", value } },
      inTime(300),
    );
    const most = await memory("VmHWM");
    console.info(`${LARGE} bytes populated: idle ${idle}, at most ${most}, ${most - idle} above`);
    expect(most - idle).toBeLessThan(ALLOWED);
    const before = await memory("VmRSS");
    await writeFile(`/proc/${service.pid}/clear_refs`, "5");
    expect(await downloaded(drive?.id ?? "", 300)).toEqual({ announced: large, size: LARGE, sha256: large });
    const served = await memory("VmHWM");
    console.info(`and downloaded: ${served - before} above`);
    expect(served - before).toBeLessThan(ALLOWED_TO_DOWNLOAD);
  }, 600_000);
});

test("secrets of the sources are in no log", async () => {
  const logged = await service.logged();
  expect(logged).not.toContain(swift.key);
});

/** Resident memory of the service in bytes: now (VmRSS), or at most since it was last reset (VmHWM). */
async function memory(field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${service.pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) * 1024;
}
