import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { credentials, Metadata } from "@grpc/grpc-js";
import { contract } from "#api/contract.js";
import type { MessageDescriptor } from "#api/descriptors.js";
import {
  DriveServiceClient,
  type UploadContentRequest,
  type WatchDrivesResponse,
} from "#gen/configdrive/v1/drive_service.js";
import { AuditListener } from "../operate/audit-listener.js";
import { OtlpCollector } from "../operate/otlp-collector.js";
import { CallFailed, type Door } from "../rigs/door.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";
import { Canaries } from "./canaries.js";

const scope = new Scope();
const canaries = new Canaries();
/** What the service told anybody: answers, errors with all their details, events. */
const told: string[] = [];
let service: Service;
let bus: OsloClient;
let grpc: GrpcDoor;
let raw: DriveServiceClient;
let server: Server;
let http: string;
let broker: RabbitMq;
let audit: AuditListener;
let traces: OtlpCollector;
let instances: string;
/** Where metrics are served. */
let status: string;

beforeAll(async () => {
  instances = await privateDirectory("secrets");
  await mkdir(join(instances, "vm-1"));
  server = createServer((request, answer) => {
    const { pathname } = new URL(request.url ?? "", "http://store");
    if (pathname === "/good") answer.end("bytes of a store");
    // A store that says again what it was asked, as many do.
    else if (pathname === "/echo") answer.writeHead(500, request.url).end(request.url);
    else if (pathname === "/elsewhere") answer.writeHead(302, { location: `http://10.0.0.1${request.url}` }).end();
    else if (pathname === "/cut") answer.writeHead(200, { "content-length": "1000" }).end("short");
    else answer.writeHead(403).end(request.url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  http = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  broker = await scope.own(RabbitMq.start());
  status = `127.0.0.1:${await freePort()}`;
  traces = await scope.own(OtlpCollector.start());
  const config = [
    ...["[audit]", "topics = audit", "[tracing]", `otlp_url = ${traces.url}`],
    ...["[metrics]", `listen = ${status}`],
    ...["[sources]", "allowed_networks = 127.0.0.0/8", "allow_plain_http = true", "attempts = 1", "timeout = 5"],
    ...["[s3]", `endpoint_url = http://${http}`, "region = here"],
    ...["access_key = key", `secret_key = ${canaries.at("[s3] secret_key")}`],
    ...["[swift]", `auth_url = http://${http}/auth`, "user = u", `key = ${canaries.at("[swift] key")}`],
  ];
  service = await Service.make({ transportUrl: broker.transportUrl, instances, config });
  await scope.own(Promise.resolve(service));
  await service.start({ OS_DEFAULT__DEBUG: "true" });
  await service.healthy("configdrive.bus");
  bus = await scope.own(OsloClient.start(broker.transportUrl));
  audit = await scope.own(AuditListener.start(broker.transportUrl, "configdrive_notifications", "audit"));
  grpc = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
  raw = new DriveServiceClient(service.address, credentials.createInsecure());
}, 240_000);
afterAll(async () => {
  raw.close();
  server.close();
  server.closeAllConnections();
  await scope[Symbol.asyncDispose]();
  await rm(instances, { recursive: true });
}, 60_000);

const metadata = new Metadata();
metadata.set("x-project-id", "demo");

const base64 = (text: string) => Buffer.from(text).toString("base64");
const sourceAt = (path: string) => {
  const secret = canaries.at("configdrive.v1.Source.url");
  return { url: `http://user:${secret}@${http}${path}?signature=${secret}&token=${secret}` };
};
const secretText = canaries.at("configdrive.v1.File.text");
const secretData = canaries.at("configdrive.v1.ConfigData.json");
const secretTemplate = canaries.at("configdrive.v1.RunInstancesRequest.template");
const secretBlob = { data: base64(`a blob ${canaries.at("configdrive.v1.Blob.data")}`) };
const secretFiles = {
  files: [
    { path: "text", text: `password ${secretText}` },
    { path: "bytes", content: base64(canaries.at("configdrive.v1.File.content")) },
    { path: "again", same_as: "text" },
  ],
};

/** The caller's own token goes with every request on the bus, as nova sends it. */
const as = () => ({
  version: "1.2",
  context: { auth_token: canaries.at("context.auth_token"), roles: ["member", "reader"] },
});

/** Calls a method, and keeps what came back, whichever it is. */
async function call(door: Door, method: string, args: object): Promise<object | undefined> {
  const asked = { request_id: randomUUID(), ...args };
  try {
    const answer = door === bus ? await bus.call(method, asked, as()) : await door.call(method, asked);
    told.push(JSON.stringify(answer));
    return answer;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { whole } = error;
    told.push([error.kind, error.message, whole instanceof Metadata ? values(whole) : String(whole)].join("\n"));
    return undefined;
  }
}

/** All secret fields of a message and those below it. */
function secretsOf(message: MessageDescriptor, seen = new Set<string>()): string[] {
  if (seen.has(message.name)) return [];
  seen.add(message.name);
  return [...message.fields.values()].flatMap((field) => {
    if (field.secret) return [`${message.name}.${field.name}`];
    return typeof field.type === "object" && field.type.kind === "message" ? secretsOf(field.type, seen) : [];
  });
}

test("a secret is planted in every field that the contract marks as one", () => {
  canaries.at("configdrive.v1.UploadContentRequest.data");
  canaries.at("configdrive.v1.Source.url");
  const marked = new Set(contract().methods.flatMap(({ request }) => secretsOf(request)));
  expect(canaries.places).toEqual(expect.arrayContaining([...marked]));
});

describe.each(["bus", "gRPC"] as const)("over %s", (name) => {
  const door = (): Door => (name === "bus" ? bus : grpc);

  test("a whole life of drives with secrets in them", async () => {
    const { id } = driveOf(await call(door(), "populate_volume", { files: secretFiles }));
    await call(door(), "populate_volume", { blob: secretBlob });
    const json = JSON.stringify({ uuid: randomUUID(), hostname: "h", admin_pass: secretData, user_data: secretData });
    const config_data = { layout: "LAYOUT_OPENSTACK", json };
    expect(await call(door(), "populate_volume", { config_data })).toBeDefined();
    expect(await call(door(), "populate_volume", { blob: { source: sourceAt("/good") } })).toBeDefined();
    expect(await call(door(), "attach_drive", { drive_id: id, instance_id: "vm-1" })).toBeDefined();
    const next = { files: [...secretFiles.files, { path: "more", text: secretText }] };
    await call(door(), "populate_volume", { files: next, drive_id: id, when_attached: "WHEN_ATTACHED_STAGE" });
    expect(await call(door(), "diff_drive", { drive_id: id, request_id: undefined })).toBeDefined();
    expect(await call(door(), "inspect_drive", { drive_id: id, request_id: undefined })).toBeDefined();
    expect(await call(door(), "refresh_drive", { drive_id: id })).toBeDefined();
    await call(door(), "update_drive", { drive_id: id, delete_on_termination: false });
    await call(door(), "list_drives", { request_id: undefined });
    await call(door(), "detach_drive", { drive_id: id });
    expect(await call(door(), "delete_drive", { drive_id: id })).toBeDefined();
    const template = JSON.stringify({ arguments: ["-object", `secret,id=s,data=${secretTemplate}`] });
    await call(door(), "run_instances", { template, config_data });
    await call(door(), "run_instances", { template, config_data, min_count: 2, max_count: 1 });
  });

  test("whatever can be wrong with a request that has secrets in it", async () => {
    const { id } = driveOf(await call(door(), "populate_volume", { blob: secretBlob }));
    const request_id = randomUUID();
    await call(door(), "populate_volume", { request_id, files: secretFiles });
    const wrong: readonly object[] = [
      { request_id, blob: secretBlob },
      { drive_id: randomUUID(), files: secretFiles },
      { drive_id: "no id", files: secretFiles },
      { drive_id: id, etag: "0", blob: secretBlob },
      { blob: secretBlob, size_bytes: 1 },
      { blob: { ...secretBlob, data: base64(secretText.padEnd(3 << 20, "x")).slice(0, (3 << 20) - 4) }, label: "x" },
      { blob: secretBlob, format: "IMAGE_FORMAT_VFAT" },
      { files: { files: [{ path: "../x", text: secretText }] } },
      {
        files: {
          files: [
            { path: "a", text: secretText },
            { path: "a", text: secretText },
          ],
        },
      },
      {
        files: {
          files: [
            { path: "a", text: secretText },
            { path: "a/b", text: secretText },
          ],
        },
      },
      {
        files: {
          files: [
            { path: "a", same_as: "b" },
            { path: "c", text: secretText },
          ],
        },
      },
      ...["LAYOUT_OPENSTACK", "LAYOUT_NOCLOUD", "LAYOUT_OVF", "LAYOUT_OPENNEBULA"].flatMap((layout) =>
        [
          `{"admin_pass": ${secretData}}`,
          `"${secretData}"`,
          `["${secretData}"]`,
          JSON.stringify({ hostname: `${secretData}\n`, uuid: secretData, user_data: { not: secretData } }),
          JSON.stringify({ user_data: [secretData], meta: secretData, files: secretData, properties: secretData }),
          JSON.stringify({ variables: { "not a name": secretData }, network_config: secretData, keys: secretData }),
        ].map((json) => ({ config_data: { layout, json } })),
      ),
      ...["/missing", "/echo", "/elsewhere", "/cut"].map((path) => ({ blob: { source: sourceAt(path) } })),
      { blob: { source: { ...sourceAt("/good"), sha256: "0".repeat(64) } } },
      { blob: { source: { url: `ftp://u:${canaries.at("configdrive.v1.Source.url")}@h/x` } } },
      { blob: { source: { url: `${canaries.at("configdrive.v1.Source.url")}` } } },
      { blob: { source: { url: `https://10.0.0.1/?sig=${canaries.at("configdrive.v1.Source.url")}` } } },
      { blob: { source: { url: "s3://bucket/key" } } },
      { blob: { source: { url: "swift://container/object" } } },
      { blob: { source: { url: `file:///etc/x?${canaries.at("configdrive.v1.Source.url")}` } } },
    ];
    for (const args of wrong) await call(door(), "populate_volume", args);
    await call(door(), "attach_drive", { drive_id: id, instance_id: "vm-none" });
  });
});

test("what only the bus can get wrong: types, names and two kinds of content", async () => {
  const unfit: readonly object[] = [
    { blob: { data: { x: secretText } } },
    { blob: { data: `?${secretText}?` } },
    { blob: secretText },
    { files: { files: [{ path: "a", text: [secretText] }] } },
    { files: { files: [{ path: "a", content: secretText, text: secretText }] } },
    { files: { files: secretText } },
    { config_data: { layout: "LAYOUT_OPENSTACK", json: { admin_pass: secretData } } },
    { blob: { source: { url: [canaries.at("configdrive.v1.Source.url")] } } },
    { blob: secretBlob, files: secretFiles },
  ];
  for (const args of unfit) await call(bus, "populate_volume", args);
  await expect(
    bus.call("populate_volume", { blob: secretBlob }, { context: { ...as().context, roles: [] } }),
  ).rejects.toThrow();
});

test("uploads that are good, and that are not as they said", async () => {
  const secret = Buffer.from(canaries.at("configdrive.v1.UploadContentRequest.data"));
  const upload = (first: Partial<UploadContentRequest>) =>
    new Promise<void>((resolve) => {
      const stream = raw.uploadContent(metadata, (error, answer) => {
        told.push(error === null ? JSON.stringify(answer, bigints) : everything(error));
        resolve();
      });
      stream.on("error", () => undefined);
      stream.end({ data: secret, sizeBytes: 0n, sha256: "", ...first });
    });
  await upload({ sizeBytes: BigInt(secret.length) });
  await upload({ sizeBytes: 3n });
  await upload({ sha256: "0".repeat(64) });
  await upload({});
});

test("a watch tells of drives, and of nothing in them", async () => {
  let drive = "";
  const events: AsyncIterable<WatchDrivesResponse> = raw.watchDrives({ driveId: "", resumeToken: "" }, metadata);
  for await (const event of events) {
    told.push(JSON.stringify(event, bigints));
    if (drive === "") drive = driveOf(await call(grpc, "populate_volume", { files: secretFiles })).id;
    else if (event.drive?.generations.some((generation) => generation.sha256 !== "") === true) break;
  }
});

test("a catalog and a broker that cannot be reached are named without their passwords", async () => {
  const password = canaries.at("[catalog] connection");
  const lost = await Service.make({ connection: `postgresql://user:${password}@127.0.0.1:1/catalog` });
  await scope.own(Promise.resolve(lost));
  await expect(lost.start()).rejects.toThrow();
  told.push(await lost.logged());
  expect(told.at(-1)).toContain("127.0.0.1:1");
  const url = `rabbit://openstack:${canaries.at("transport_url")}@127.0.0.1:${broker.port}/`;
  const stranger = await Service.make({ transportUrl: url, instances });
  await scope.own(Promise.resolve(stranger));
  await stranger.start();
  await until(15_000, "the broker to refuse the password", async () => /ACCESS.REFUSED/i.test(await stranger.logged()));
  told.push(await stranger.logged());
});

test("none of it is in what an audit or a trace is told", async () => {
  await call(bus, "release_instance", { instance_id: "of-the-last-call" });
  const kinds = new Set<string>();
  while (!kinds.has("configdrive.release_instance.end")) {
    const event = await audit.next();
    kinds.add(event.event_type);
    told.push(JSON.stringify(event));
  }
  expect([...kinds]).toEqual(
    expect.arrayContaining(["configdrive.populate_volume.error", "configdrive.upload_content.end"]),
  );
  const named = (name: string) => traces.spans.some((span) => span.name === name);
  await until(60_000, "the last span", () => named("configdrive/release_instance"));
  // What is fetched is a span too, and its URL had secrets.
  expect(traces.spans.some(({ name }) => name.startsWith("GET"))).toBe(true);
  expect(traces.refused).toEqual([]);
  told.push(JSON.stringify(traces.spans));
}, 180_000);

test("none of it is in a log, an error, an answer, an event, a metric, or what the system shows of the process", async () => {
  const process = await Promise.all(
    ["cmdline", "comm", "environ"].map((file) => readFile(`/proc/${service.pid}/${file}`, "latin1")),
  );
  const log = await service.logged();
  expect(log).toContain('"outcome":"refused"');
  const metrics = await (await fetch(`http://${status}/metrics`)).text();
  expect(metrics).toContain('method="PopulateVolume"');
  expect(told.length).toBeGreaterThan(120);
  for (const text of [log, metrics, ...process, ...told])
    expect([canaries.foundIn(text), text.slice(0, 300)]).toEqual([[], text.slice(0, 300)]);
  // They were there to be found: what is stored of them stands in the catalog.
  const catalog = Buffer.concat([await readFile(service.catalog), await readFile(`${service.catalog}-wal`)]);
  const stored = ["File.text", "File.content", "Blob.data", "ConfigData.json"];
  expect(canaries.foundIn(catalog)).toEqual(expect.arrayContaining(stored.map((field) => `configdrive.v1.${field}`)));
});

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** All that metadata hold. */
function values(metadata: Metadata): string {
  return Object.keys(metadata.getMap())
    .flatMap((key) => metadata.get(key))
    .map((value) => (typeof value === "string" ? value : value.toString("latin1")))
    .join("\n");
}

/** A status with its message and all its metadata. */
function everything(error: Error & { metadata?: Metadata }): string {
  return [error.message, values(error.metadata ?? new Metadata())].join("\n");
}
