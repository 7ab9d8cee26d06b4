import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { Metadata } from "@grpc/grpc-js";
import { jest } from "@jest/globals";
import { AttachDriveRequest, DriveServiceClient, GetDriveRequest } from "#gen/configdrive/v1/drive_service.js";
import { channelCredentials } from "#grpc/client-tls.js";
import { Agent } from "../rigs/agent.js";
import { driveOf } from "../rigs/drive-answer.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";
import { type CollectedSpan, OtlpCollector } from "./otlp-collector.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(300_000);

/** opentelemetry/proto/trace/v1/trace.proto, Span.SpanKind. */
const SERVER = 2;
const CLIENT = 3;
const CANARY = "canary-3b9d";
const scope = new Scope();
let collector: OtlpCollector;
let agent: Agent;
let service: Service;
let python: OsloClient;
let drive: string;

beforeAll(async () => {
  collector = await scope.own(OtlpCollector.start());
  const broker = await scope.own(RabbitMq.start());
  const { transportUrl } = broker;
  const tracing = ["[tracing]", `otlp_url = ${collector.url}`];
  agent = await scope.own(Agent.start({ host: "compute-7", transportUrl, config: tracing }));
  await agent.run("vm-1");
  const config = ["[DEFAULT]", "role = service", "[agent]", "report_interval = 0.5", ...tracing];
  config.push("[sources]", "allow_plain_http = true", "allowed_networks = 127.0.0.0/8");
  service = await scope.own(Service.start({ transportUrl, config }));
  await service.healthy("configdrive.hosts");
  python = await scope.own(OsloClient.start(transportUrl));
  const blob = { data: Buffer.from(CANARY).toString("base64") };
  drive = driveOf(await python.call("populate_volume", { request_id: randomUUID(), blob })).id;
}, 240_000);
afterAll(() => scope[Symbol.asyncDispose](), 60_000);

/** A trace as a caller begins it. */
function begin(flags = "01") {
  const [traceId, spanId] = [randomBytes(16).toString("hex"), randomBytes(8).toString("hex")];
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-${flags}` };
}

/** The spans of a trace, once there is one of this name. */
async function spansOf(traceId: string, name: string): Promise<readonly CollectedSpan[]> {
  return await until(120_000, `a span ${name} in the trace`, () => {
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    return spans.some((span) => span.name === name) && spans;
  });
}

const attach = () => ({ request_id: randomUUID(), drive_id: drive, instance_id: "vm-1", host: "compute-7" });

/** Every span of ours hangs below another one or the caller's own, and begins no earlier than that. */
function expectOneTree(spans: readonly CollectedSpan[], callersSpan: string): void {
  for (const span of spans) {
    const above = spans.find(({ spanId }) => spanId === span.parentSpanId);
    if (above === undefined) expect(span.parentSpanId).toBe(callersSpan);
    else expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(above.startTimeUnixNano));
  }
}

test("one trace leads from a Python caller through the service to the agent", async () => {
  const { traceId, spanId, traceparent } = begin();
  await python.call("attach_drive", attach(), { context: { traceparent } });
  await spansOf(traceId, "configdrive/attach_drive");
  const spans = await until(120_000, "the agent's part of the trace", async () => {
    const all = await spansOf(traceId, "configdrive_agent/attach_device");
    return all.some(({ name, kind }) => name === "configdrive_agent/attach_device" && kind === SERVER) && all;
  });
  expectOneTree(spans, spanId);
  const call = spans.find(({ name }) => name === "configdrive/attach_drive");
  expect(call).toMatchObject({ service: "configdrive", parentSpanId: spanId });
  expect(call?.attributes).toContainEqual({ key: "rpc.method", value: { stringValue: "configdrive/attach_drive" } });
  const steps = spans.filter(({ name }) => name.startsWith("configdrive_agent/"));
  const asked = steps.filter(({ kind }) => kind === CLIENT);
  const taken = steps.filter(({ kind }) => kind === SERVER);
  expect(taken.length).toBeGreaterThan(1);
  for (const step of asked) expect(step).toMatchObject({ service: "configdrive", parentSpanId: call?.spanId });
  for (const step of taken) {
    expect(step.service).toBe("configdrive-agent");
    expect(asked).toContainEqual(expect.objectContaining({ name: step.name, spanId: step.parentSpanId }));
  }
  // Whoever has the trace finds what was logged about it.
  const [logged] = (await service.events("call")).filter((line) => line.trace_id === traceId);
  expect(logged).toMatchObject({ method: "attach_drive", span_id: call?.spanId });
});

test("content that is fetched for a call is a request in its trace", async () => {
  const server = createServer((_, answer) => answer.end("here"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    const { traceId, spanId, traceparent } = begin();
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const source = { url: `http://127.0.0.1:${port}/content` };
    await python.call("populate_volume", { request_id: randomUUID(), blob: { source } }, { context: { traceparent } });
    const spans = await spansOf(traceId, "GET");
    expectOneTree(spans, spanId);
    expect(spans.find(({ name }) => name === "GET")).toMatchObject({ kind: CLIENT, service: "configdrive" });
  } finally {
    server.close();
  }
});

test("the same over gRPC, where the trace is in the metadata; what is refused is told by its reason", async () => {
  const client = new DriveServiceClient(service.address, channelCredentials(undefined));
  try {
    const { traceId, spanId, traceparent } = begin();
    const metadata = new Metadata();
    metadata.set("traceparent", traceparent);
    metadata.set("x-project-id", "demo");
    const request = AttachDriveRequest.fromPartial({ requestId: randomUUID(), driveId: drive, instanceId: "vm-1" });
    await new Promise<void>((resolve) =>
      client.attachDrive({ ...request, host: "compute-7" }, metadata, () => resolve()),
    );
    const name = "configdrive.v1.DriveService/AttachDrive";
    expectOneTree(await spansOf(traceId, name), spanId);
    const missing = GetDriveRequest.fromPartial({ driveId: randomUUID() });
    await new Promise<void>((resolve) => client.getDrive(missing, metadata, () => resolve()));
    const spans = await spansOf(traceId, "configdrive.v1.DriveService/GetDrive");
    expect(spans.find(({ name }) => name.endsWith("GetDrive"))).toMatchObject({
      status: { code: 2, message: "DRIVE_NOT_FOUND" },
    });
  } finally {
    client.close();
  }
});

test("a trace that the caller does not record is not recorded; a call without one begins one", async () => {
  const quiet = begin("00");
  const loud = begin();
  await python.call("get_drive", { drive_id: drive }, { context: { traceparent: quiet.traceparent } });
  await python.call("get_drive", { drive_id: drive }, { context: { traceparent: loud.traceparent } });
  await python.call("list_drives", {});
  await until(120_000, "a trace of the call that brought none", () =>
    collector.spans.find(({ name, parentSpanId }) => name === "configdrive/list_drives" && parentSpanId === undefined),
  );
  await spansOf(loud.traceId, "configdrive/get_drive");
  expect(collector.spans.filter(({ traceId }) => traceId === quiet.traceId)).toEqual([]);
});

test("a collector that is away holds up no call, and gets what waited when it is back", async () => {
  await collector.leave();
  const { traceId, traceparent } = begin();
  await python.call("get_drive", { drive_id: drive }, { context: { traceparent } });
  await until(120_000, "the service to say so", async () => (await service.events("traces_wait")).length > 0);
  await collector.listen();
  await spansOf(traceId, "configdrive/get_drive");
});

test("spans are as OTLP has them, and hold no content", () => {
  expect(collector.refused).toEqual([]);
  const text = JSON.stringify(collector.spans);
  for (const secret of [CANARY, Buffer.from(CANARY).toString("base64")]) expect(text).not.toContain(secret);
});
