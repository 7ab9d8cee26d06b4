import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { jest } from "@jest/globals";
import { DriveClient } from "#grpc/client.js";
import { OsloClient } from "../rigs/oslo-client.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

/** One call a second. */
const RATES = ["user_calls_at_once = 1", "user_calls_per_second = 1"];

const scope = new Scope();
let directory: string;
let service: Service;
let python: OsloClient;
let grpc: DriveClient;
let metrics: string;

beforeAll(async () => {
  directory = await privateDirectory("operate-rates");
  await mkdir(join(directory, "instances"));
  // The operator at the socket is held to the rates too.
  await writeFile(join(directory, "policy.yaml"), '"rate_unlimited": "rule:context_is_service"\n');
  metrics = `http://127.0.0.1:${await freePort()}/metrics`;
  const broker = await scope.own(RabbitMq.start());
  const config = ["[metrics]", `listen = ${new URL(metrics).host}`, "[oslo_policy]"];
  config.push(`policy_file = ${directory}/policy.yaml`, "[limits]", ...RATES);
  const instances = join(directory, "instances");
  service = await scope.own(Service.start({ transportUrl: broker.transportUrl, instances, config }));
  python = await scope.own(OsloClient.start(broker.transportUrl));
  grpc = new DriveClient(service.address);
}, 180_000);
afterAll(async () => {
  grpc?.[Symbol.dispose]();
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** Calls until a call is refused: a machine may be so slow that each finds its second over. */
async function untilRefused(call: () => Promise<unknown>): Promise<unknown> {
  return await until(120_000, "a call to be refused", async () => {
    const burst = await Promise.allSettled([call(), call(), call(), call()]);
    return burst.find((result) => result.status === "rejected")?.reason;
  });
}

const asService = { context: { user_id: "nova", roles: ["service"] } };

test("an oslo caller over its rate gets ServiceUnavailable with the time to wait; a service is not counted", async () => {
  const refused = await untilRefused(() => python.call("list_drives", {}));
  expect(refused).toMatchObject({ reason: "RATE_LIMITED", message: expect.stringMatching(/the next may come in/) });
  expect(refused).toMatchObject({ kind: "ServiceUnavailable" });
  for (let turn = 0; turn < 5; turn++) await python.call("list_drives", {}, asService);
});

test("a gRPC caller over its rate gets RESOURCE_EXHAUSTED with RetryInfo, and the other user's calls do not count", async () => {
  const refused = await untilRefused(() => grpc.listDrives({}, { projectId: "demo" }));
  expect(refused).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: "RATE_LIMITED" });
  expect(refused).toMatchObject({ retryAfterMs: expect.any(Number), metadata: { rate: "user_calls" } });
});

test("refusals are counted by door and rate, and logged with who it was", async () => {
  const page = await (await fetch(metrics)).text();
  for (const door of ["bus", "grpc"]) {
    expect(page).toMatch(new RegExp(`configdrive_calls_rate_limited_total{door="${door}",rate="user_calls"} [1-9]`));
  }
  const calls = (await service.events("call")).filter(({ reason }) => reason === "RATE_LIMITED");
  expect(new Set(calls.map(({ user_id }) => user_id))).toEqual(new Set(["demo", "operator"]));
});

test("SIGHUP takes the rates over", async () => {
  const text = await readFile(service.configFile, "utf8");
  await writeFile(service.configFile, text.replace(RATES.join("\n"), ""));
  service.hangUp();
  await until(120_000, "the reload", async () => (await service.events("reloaded")).length > 0);
  await Promise.all(Array.from({ length: 20 }, () => grpc.listDrives({}, { projectId: "demo" })));
});
