import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jest } from "@jest/globals";
import { DriveClient } from "#grpc/client.js";
import { driveOf } from "../rigs/drive-answer.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";
import { AuditListener, type HeardEvent } from "./audit-listener.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(300_000);

const TOPIC = "configdrive_audit";
const SAMPLES = "docs/audit";
/** Stands in content, and may stand in no event. */
const CANARY = "canary-7c1f";
const blob = { blob: { data: Buffer.from(CANARY).toString("base64") } };

const scope = new Scope();
let directory: string;
let broker: RabbitMq;
let service: Service;
let python: OsloClient;
let listener: AuditListener;
let metrics: string;
const heard: HeardEvent[] = [];

beforeAll(async () => {
  directory = await privateDirectory("operate-audit");
  await mkdir(join(directory, "vm-1"));
  broker = await scope.own(RabbitMq.start());
  metrics = `http://127.0.0.1:${await freePort()}/metrics`;
  const config = ["[audit]", `topics = ${TOPIC}`, "buffer = 20", "[metrics]", `listen = ${new URL(metrics).host}`];
  service = await scope.own(Service.start({ transportUrl: broker.transportUrl, instances: directory, config }));
  python = await scope.own(OsloClient.start(broker.transportUrl));
  listener = await scope.own(AuditListener.start(broker.transportUrl, "configdrive_notifications", TOPIC));
}, 240_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

const next = async (type: string): Promise<HeardEvent> => {
  const event = await listener.next();
  heard.push(event);
  expect(event.event_type).toBe(type);
  return event;
};
const ask = (drive_id = "") => ({ request_id: randomUUID(), drive_id });

/** An event with what differs from run to run replaced by what reads well in the docs. */
function asSample(event: HeardEvent, ids: ReadonlyMap<string, string>): string {
  let text = JSON.stringify(event, null, 2);
  for (const [id, name] of ids) text = text.replaceAll(id, name);
  return `${text
    .replace(/"message_id": "[^"]*"/, '"message_id": "7c1e9a52-6f0b-4f0e-9d3a-1b1f0a6c2e11"')
    .replace(/"timestamp": "[^"]*"/, '"timestamp": "2026-11-23 03:00:00.125000"')
    .replace(/"duration_seconds": [\d.]+/, '"duration_seconds": 0.025')
    .replaceAll(/req-[a-f0-9-]{36}/g, "req-3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11")
    .replace(/"client_request_id": "[^"]*"/, '"client_request_id": "5d9a3f10-1111-4222-8333-444455556666"')
    .replace(/"content_id": "[^"]*"/, '"content_id": "b2d0c7a4-8c1e-4c5b-9a77-0d5a1f3e6b20"')}\n`;
}

/** Holds an event against its sample; with UPDATE_SAMPLES=1 it becomes the sample. */
async function expectSample(event: HeardEvent, ids: ReadonlyMap<string, string>): Promise<void> {
  const file = join(SAMPLES, `${event.event_type}.json`);
  const sample = asSample(event, ids);
  if (process.env.UPDATE_SAMPLES === "1") await writeFile(file, sample);
  expect(await readFile(file, "utf8")).toBe(sample);
}

test("a listener hears of every change at both doors, as the samples in docs/audit show it, and nothing of what only looks", async () => {
  const id = driveOf(await python.call("populate_volume", { ...ask(), ...blob })).id;
  const ids = new Map([[id, "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff"]]);
  await expectSample(await next("configdrive.populate_volume.end"), ids);
  await python.call("get_drive", { drive_id: id });
  await python.call("list_drives", {});
  await python.call("attach_drive", { ...ask(id), instance_id: "vm-1" });
  await expectSample(await next("configdrive.attach_drive.end"), ids);
  await expect(python.call("attach_drive", { ...ask(id), instance_id: "vm-2" })).rejects.toThrow();
  await expectSample(await next("configdrive.attach_drive.error"), ids);
  const reader = { context: { roles: ["reader"], user_id: "auditor" } };
  await expect(python.call("delete_drive", ask(id), reader)).rejects.toMatchObject({ reason: "FORBIDDEN" });
  await expectSample(await next("configdrive.delete_drive.error"), ids);
  await python.call("refresh_drive", ask(id));
  await next("configdrive.refresh_drive.end");
  await python.call("detach_drive", { ...ask(id), instance_id: "vm-1" });
  await next("configdrive.detach_drive.end");
  using grpc = new DriveClient(service.address);
  async function* content() {
    yield { data: Buffer.from(CANARY), sizeBytes: BigInt(CANARY.length), sha256: "" };
  }
  await grpc.uploadContent(content(), { projectId: "demo" });
  await expectSample(await next("configdrive.upload_content.end"), ids);
  await grpc.deleteDrive({ requestId: randomUUID(), driveId: id }, { projectId: "demo" });
  await next("configdrive.delete_drive.end");
  const types = heard.map(({ event_type }) => `${event_type}.json`);
  expect(types).toEqual(expect.arrayContaining(await readdir(SAMPLES)));
});

test("no event has content, and none a token", () => {
  const text = JSON.stringify(heard);
  expect(heard.length).toBeGreaterThan(6);
  for (const secret of [CANARY, Buffer.from(CANARY).toString("base64"), "auth_token"])
    expect(text).not.toContain(secret);
});

test("a broker that is away holds up no call: events wait, those too many are counted, and what waited is heard", async () => {
  const counted = async (result: string) => {
    const page = await (await fetch(metrics)).text();
    return Number(new RegExp(`^configdrive_audit_events_total{result="${result}"} (\\d+)$`, "m").exec(page)?.[1]);
  };
  const before = await until(60_000, "what was heard to be counted", async () => {
    const count = await counted("published");
    return count >= heard.length && count;
  });
  using grpc = new DriveClient(service.address);
  await broker.kill();
  const populate = () =>
    grpc.populateVolume(
      {
        requestId: randomUUID(),
        content: { $case: "blob", value: { data: Buffer.from(CANARY), elsewhere: undefined } },
      },
      { projectId: "demo" },
    );
  for (let turn = 0; turn < 25; turn++) await populate();
  expect(await counted("dropped")).toBe(5);
  await broker.start();
  for (let turn = 0; turn < 20; turn++) await listener.nextOf("configdrive.populate_volume.end");
  await until(60_000, "all that waited to be out", async () => (await counted("published")) === before + 20);
});
