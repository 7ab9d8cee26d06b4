import { randomUUID } from "node:crypto";
import { GrpcDoor } from "#integration/rigs/grpc-door.js";
import { type OsloCall, OsloClient } from "#integration/rigs/oslo-client.js";
import { RabbitMq } from "#integration/rigs/rabbitmq.js";
import { Scope } from "#integration/rigs/scope.js";
import { Service } from "#integration/rigs/service.js";

const scope = new Scope();
let service: Service;
let bus: OsloClient;
let grpc: GrpcDoor;

beforeAll(async () => {
  const broker = await scope.own(RabbitMq.start());
  service = await scope.own(Service.start({ transportUrl: broker.transportUrl }));
  bus = await scope.own(OsloClient.start(broker.transportUrl));
  grpc = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
}, 120_000);

afterAll(() => scope[Symbol.asyncDispose](), 60_000);

interface Mistake {
  readonly what: string;
  readonly method: string;
  readonly args: object;
  readonly how?: OsloCall;
  /** The exception's class, as oslo.messaging's RemoteError names it; with its module where the caller's Python rebuilt it. */
  readonly kind: string;
  readonly message: RegExp;
}

const id = randomUUID();
const blob = { data: "AAAA" };
const mistakes: Mistake[] = [
  {
    what: "an unknown method",
    method: "populate_volumes",
    args: {},
    kind: "NoSuchMethod",
    message: /populate_volumes/,
  },
  {
    what: "a version that is too new",
    method: "get_drive",
    args: { drive_id: id },
    how: { version: "1.99" },
    kind: "UnsupportedVersion",
    message: /1\.99/,
  },
  {
    what: "another major version",
    method: "get_drive",
    args: { drive_id: id },
    how: { version: "2.0" },
    kind: "UnsupportedVersion",
    message: /2\.0/,
  },
  {
    what: "an argument that does not exist",
    method: "get_drive",
    args: { drive: id },
    kind: "builtins.TypeError",
    message: /drive: is unknown/,
  },
  {
    what: "an argument of the wrong type",
    method: "get_drive",
    args: { drive_id: 7 },
    kind: "builtins.TypeError",
    message: /drive_id/,
  },
  {
    what: "a required argument that is missing",
    method: "get_drive",
    args: {},
    kind: "InvalidInput",
    message: /drive_id/,
  },
  {
    what: "two members of a oneof",
    method: "populate_volume",
    args: { request_id: id, blob, files: { files: [] } },
    kind: "InvalidInput",
    message: /files: excludes another member/,
  },
  {
    what: "bytes that are not base64",
    method: "populate_volume",
    args: { request_id: id, blob: { data: "%%%" } },
    kind: "InvalidInput",
    message: /blob\.data/,
  },
  {
    what: "a path that leaves the drive",
    method: "populate_volume",
    args: { request_id: id, files: { files: [{ path: "../etc/passwd", text: "" }] } },
    kind: "InvalidInput",
    message: /files\.files\[0\]\.path/,
  },
  {
    what: "a drive that is not there",
    method: "get_drive",
    args: { drive_id: id },
    kind: "VolumeNotFound",
    message: /\[DRIVE_NOT_FOUND\]/,
  },
];

test.each(mistakes)("an oslo.messaging caller gets $kind for $what, and the service lives on", async (mistake) => {
  const { method, args, how, kind, message } = mistake;
  await expect(bus.call(method, args, how)).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
  expect(await bus.call("list_drives", {})).toMatchObject({ drives: [] });
});

test("a cast that fails is told to nobody and stops nothing", async () => {
  await bus.call("populate_volume", { blob: 1 }, { cast: true });
  expect(await bus.call("list_drives", {})).toMatchObject({ drives: [] });
});

test.each(["bus", "gRPC"])("content over the limit is refused over %s before any work", async (doorName) => {
  const door = doorName === "bus" ? bus : grpc;
  const text = "x".repeat(1024 * 1024);
  const files = ["a", "b", "c", "d"].map((path) => ({ path, text }));
  const refused = door.call("populate_volume", { request_id: randomUUID(), files: { files } });
  await expect(refused).rejects.toMatchObject({ message: expect.stringMatching(/3145728/) });
  if (doorName === "gRPC")
    await expect(refused).rejects.toMatchObject({ reason: "CONTENT_TOO_LARGE", kind: "RESOURCE_EXHAUSTED" });
  expect(await door.call("list_drives", {})).toMatchObject({ drives: [] });
  // Everything below the drives directory: whose it is, the empty place for content, and no drive.
  expect(await service.filesOfDrive("")).toEqual([".catalog", ".content"]);
});
