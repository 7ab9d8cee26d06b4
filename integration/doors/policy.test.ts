import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { credentials, Metadata } from "@grpc/grpc-js";
import { DriveServiceClient } from "#gen/configdrive/v1/drive_service.js";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";

const scope = new Scope();
let service: Service;
let bus: OsloClient;
let grpc: GrpcDoor;

beforeAll(async () => {
  const { transportUrl } = await scope.own(RabbitMq.start());
  service = await scope.own(Service.make({ transportUrl }));
  const file = join(service.directory, "policy.yaml");
  await writeFile(
    file,
    '"configdrive:delete_drive": "!"\n"configdrive:watch_drives": "!"\n"configdrive:upload_content": "!"\n',
  );
  await service.start({ OS_OSLO_POLICY__POLICY_FILE: file });
  await service.healthy("configdrive.bus");
  grpc = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
  bus = await scope.own(OsloClient.start(transportUrl));
}, 120_000);
afterAll(() => scope[Symbol.asyncDispose](), 60_000);

const blob = () => ({ request_id: randomUUID(), blob: { data: Buffer.from("bytes").toString("base64") } });

test("a reader looks and changes nothing, a member does both, whoever has no role does neither", async () => {
  const as = (...roles: string[]) => ({ context: { roles, user_id: `${roles[0] ?? "nobody"}-1` } });
  const refused = { reason: "FORBIDDEN", kind: "PolicyNotAuthorized" };
  const { id } = driveOf(await bus.call("populate_volume", blob(), as("member", "reader")));
  expect(await bus.call("get_drive", { drive_id: id }, as("reader"))).toMatchObject({ drive: { id } });
  for (const who of [as("reader"), as("auditor"), as()]) {
    await expect(bus.call("populate_volume", blob(), who)).rejects.toMatchObject(refused);
  }
  await expect(bus.call("get_drive", { drive_id: id }, as())).rejects.toMatchObject(refused);
  expect(await bus.call("get_capabilities", {}, as())).toMatchObject({ version: expect.any(String) });
  const lines = (await service.logged()).split("\n").filter((line) => line.includes('"reason":"FORBIDDEN"'));
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...{ method: "populate_volume", rule: "configdrive:populate_volume", user_id: "auditor-1", roles: "auditor" },
        ...{ project_id: "demo", door: "bus", request_id: expect.stringMatching(/^req-/) },
      }),
    ]),
  );
});

test("a rule of the policy file holds for an administrator and the operator too, for streams as well", async () => {
  const { id } = driveOf(await grpc.call("populate_volume", blob()));
  const args = { request_id: randomUUID(), drive_id: id };
  const context = { roles: ["admin"], is_admin: true };
  await expect(bus.call("delete_drive", args, { context })).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await expect(grpc.call("delete_drive", args)).rejects.toMatchObject({
    reason: "FORBIDDEN",
    kind: "PERMISSION_DENIED",
  });
  const client = new DriveServiceClient(service.address, credentials.createInsecure());
  try {
    const metadata = new Metadata();
    metadata.set("x-project-id", "demo");
    const watching = (async () => {
      for await (const event of client.watchDrives({ driveId: "", resumeToken: "" }, metadata)) return event;
    })();
    await expect(watching).rejects.toMatchObject({ code: 7 });
    const uploading = new Promise((resolve, reject) => {
      const stream = client.uploadContent(metadata, (error, answer) =>
        error === null ? resolve(answer) : reject(error),
      );
      stream.on("error", () => undefined);
      stream.end({ data: Buffer.from("x"), sizeBytes: 1n, sha256: "" });
    });
    await expect(uploading).rejects.toMatchObject({ code: 7 });
  } finally {
    client.close();
  }
  expect(await grpc.call("get_drive", { drive_id: id })).toMatchObject({ drive: { id } });
});
