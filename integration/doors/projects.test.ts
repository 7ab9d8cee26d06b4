import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { contract } from "#api/contract.js";
import { DriveClient } from "#grpc/client.js";
import { CallFailed, type Door } from "../rigs/door.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

/** The instance that has the drive of the one project, and the compute manager's own drive of another instance. */
const instance_id = "00000000-0000-4000-8000-00000000000a";
const born_with = "00000000-0000-4000-8000-00000000000b";
const host = "compute-1";

const scope = new Scope();
let instances: string;
let service: Service;
let owner: GrpcDoor;
/** The same stranger at both doors. */
let strangers: Readonly<Record<"bus" | "gRPC", Pick<Door, "call">>>;
let drive_id: string;
let content_id: string;

const request = () => ({ request_id: randomUUID() });
const blob = (text: string) => ({ ...request(), blob: { data: Buffer.from(text).toString("base64") } });

beforeAll(async () => {
  instances = await privateDirectory("projects");
  for (const name of [instance_id, born_with]) await mkdir(join(instances, name));
  const { transportUrl } = await scope.own(RabbitMq.start());
  service = await scope.own(Service.start({ transportUrl, instances }));
  owner = await scope.own(Promise.resolve(new GrpcDoor(service.address, "owner")));
  const bus = await scope.own(OsloClient.start(transportUrl));
  const context = { project_id: "stranger", roles: ["member", "reader"] };
  strangers = {
    bus: { call: (method, args) => bus.call(method, args, { context }) },
    gRPC: await scope.own(Promise.resolve(new GrpcDoor(service.address, "stranger"))),
  };
  drive_id = driveOf(await owner.call("populate_volume", blob("one"))).id;
  await owner.call("attach_drive", { ...request(), drive_id, instance_id });
  const files = { files: [{ path: "a", text: "a" }] };
  await owner.call("build_instance_drive", { ...request(), instance_id: born_with, host, files });
  using client = new DriveClient(service.address);
  async function* content() {
    yield { data: Buffer.from("x"), sizeBytes: 1n, sha256: "" };
  }
  content_id = (await client.uploadContent(content(), { projectId: "owner" })).contentId;
}, 240_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(instances, { recursive: true });
}, 60_000);

/** What a method about one drive is asked, but for the drive. Streams are tried by themselves. */
const about: Readonly<Record<string, () => object>> = {
  populate_volume: () => blob("two"),
  attach_drive: () => ({ ...request(), instance_id }),
  refresh_drive: request,
  detach_drive: request,
  update_drive: () => ({ ...request(), delete_on_termination: false }),
  connect_drive: () => ({
    ...{ ...request(), instance_id, host },
    device: { kind: "DEVICE_KIND_CDROM", bus: "DEVICE_BUS_SCSI", name: "d", reason: "r" },
  }),
  disconnect_drive: () => ({ ...request(), instance_id, host }),
  get_drive: () => ({}),
  inspect_drive: () => ({}),
  diff_drive: () => ({}),
};
const streams = ["download_image", "watch_drives"];

async function refusalOf(call: Promise<unknown>): Promise<CallFailed> {
  const outcome = await call.catch((error: unknown) => error);
  if (outcome instanceof CallFailed) return outcome;
  throw new Error(`was not refused but gave ${JSON.stringify(outcome)}`);
}

test("the cases are all methods that name a drive", () => {
  const named = contract().methods.filter(({ request: { fields } }) => fields.has("drive_id"));
  const methods = named.map(({ name }) => name.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase());
  expect(methods.sort()).toEqual([...Object.keys(about), ...streams, "delete_drive"].sort());
});

describe.each(["bus", "gRPC"] as const)("another project, over %s,", (name) => {
  test.each(Object.keys(about))("is told by %s the same of a drive as of one that is not there", async (method) => {
    const ask = (id: string) => refusalOf(strangers[name].call(method, { ...about[method]?.(), drive_id: id }));
    const there = await ask(drive_id);
    const none = randomUUID();
    const nowhere = await ask(none);
    expect(there).toMatchObject({ reason: "DRIVE_NOT_FOUND", kind: nowhere.kind });
    expect(there.message.replaceAll(drive_id, none)).toBe(nowhere.message);
  });

  test("deletes and releases nothing, lists nothing, and uses no upload", async () => {
    const before = driveOf(await owner.call("get_drive", { drive_id }));
    const door = strangers[name];
    await door.call("delete_drive", { ...request(), drive_id });
    expect(await door.call("release_instance", { ...request(), instance_id })).toEqual({
      deleted_drive_ids: [],
      kept_drives: [],
    });
    expect(await door.call("list_drives", { instance_id })).toMatchObject({ drives: [] });
    const uploaded = door.call("populate_volume", { ...request(), blob: { content_id } });
    expect(await refusalOf(uploaded)).toMatchObject({ reason: "CONTENT_NOT_FOUND" });
    expect(driveOf(await owner.call("get_drive", { drive_id }))).toEqual(before);
  });

  test("has nothing of the drive that an instance was born with", async () => {
    const args = { instance_id: born_with, host };
    for (const [method, more] of [
      ["stage_instance_drive", {}],
      ["record_instance_drive", request()],
      ["build_instance_drive", { ...request(), files: { files: [] } }],
    ] as const) {
      const refusal = await refusalOf(strangers[name].call(method, { ...args, ...more }));
      expect([method, refusal.reason]).toEqual([method, "DRIVE_NOT_FOUND"]);
    }
  });

  test("may use the same request id for itself", async () => {
    const mine = blob("mine");
    const first = driveOf(await owner.call("populate_volume", mine));
    const other = driveOf(
      await strangers[name].call("populate_volume", { ...blob("theirs"), request_id: mine.request_id }),
    );
    expect(other.id).not.toBe(first.id);
    expect(driveOf(await owner.call("populate_volume", mine))).toEqual(first);
  });
});

test("a stranger downloads nothing, and a watch of the drive tells of nothing", async () => {
  using client = new DriveClient(service.address);
  const metadata = { projectId: "stranger", deadline: new Date(Date.now() + 60_000) };
  const download = client.downloadImage({ driveId: drive_id }, metadata)[Symbol.asyncIterator]();
  await expect(download.next()).rejects.toThrow("there is no drive");
  const events = client.watchDrives({}, metadata)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ driveId: "" });
  await owner.call("update_drive", { ...request(), drive_id, delete_on_termination: false });
  const own = driveOf(await strangers.gRPC.call("populate_volume", blob("own"))).id;
  expect((await events.next()).value).toMatchObject({ driveId: own });
});
