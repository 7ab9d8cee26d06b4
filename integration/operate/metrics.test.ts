import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { driveOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { freePort } from "../rigs/ports.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until } from "../rigs/wait.js";

// On a machine that is busy with other things a step takes many times as long.
jest.setTimeout(180_000);

const scope = new Scope();
let directory: string;
let broker: RabbitMq;
let service: Service;
let door: GrpcDoor;
let url: string;

beforeAll(async () => {
  directory = await privateDirectory("operate-metrics");
  await mkdir(join(directory, "vm-1"));
  broker = await scope.own(RabbitMq.start());
  url = `http://127.0.0.1:${await freePort()}`;
  service = await scope.own(
    Service.start({
      transportUrl: broker.transportUrl,
      instances: directory,
      config: ["[metrics]", `listen = ${new URL(url).host}`],
    }),
  );
  door = await scope.own(Promise.resolve(new GrpcDoor(service.address)));
}, 120_000);
afterAll(async () => {
  await scope[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

/** What is measured now, by series as Prometheus writes it. */
async function scrape(): Promise<ReadonlyMap<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

async function ready(): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

const request = (drive_id = "") => ({ request_id: randomUUID(), drive_id });
const blob = (bytes: number) => ({ blob: { data: Buffer.alloc(bytes).toString("base64") } });

test("what calls do is counted: builds, bytes, attaches by adapter, generations that guests do not see yet", async () => {
  const { id } = driveOf(await door.call("populate_volume", { ...request(), ...blob(1000) }));
  await door.call("attach_drive", { ...request(id), instance_id: "vm-1" });
  await door.call("populate_volume", { ...request(id), ...blob(2000), when_attached: "WHEN_ATTACHED_STAGE" });
  await expect(door.call("get_drive", { drive_id: randomUUID() })).rejects.toMatchObject({ kind: "NOT_FOUND" });
  const measured = await until(120_000, "the pending generation to be counted", async () => {
    const now = await scrape();
    return now.get("configdrive_generations_pending") === 1 && now;
  });
  const of = (name: string) => measured.get(name);
  expect(of('configdrive_calls_total{door="grpc",method="PopulateVolume",status="OK"}')).toBe(2);
  expect(of('configdrive_calls_total{door="grpc",method="GetDrive",status="NOT_FOUND"}')).toBe(1);
  expect(of('configdrive_call_duration_seconds_count{door="grpc",method="PopulateVolume"}')).toBe(2);
  expect(of('configdrive_operations_total{kind="attach",outcome="done"}')).toBe(1);
  expect(of('configdrive_image_builds_total{result="done"}')).toBe(2);
  expect(of("configdrive_image_written_bytes_total")).toBe(1024 + 2048);
  const attach = '{adapter="file",action="attach",result="done"}';
  expect(of(`configdrive_hypervisor_duration_seconds_count${attach}`)).toBe(1);
  expect(of("configdrive_drives")).toBe(1);
  expect(of("configdrive_operation_oldest_age_seconds")).toBe(0);
  expect([of("configdrive_catalog_up"), of("configdrive_bus_up")]).toEqual([1, 1]);
  expect([...measured.keys()].join()).not.toContain(id);
});

test("names and units are as Prometheus has them, and each is told of in docs/metrics.md", async () => {
  const page = await (await fetch(`${url}/metrics`)).text();
  const promtool = spawn("promtool", ["check", "metrics"], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve) => promtool.once("exit", resolve));
  const said = Promise.all([text(promtool.stdout), text(promtool.stderr)]);
  promtool.stdin.end(page);
  const complaints = (await said)
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("configdrive_"));
  expect(complaints).toEqual([]);
  expect(await ended).not.toBe(1);
  const docs = await readFile("docs/metrics.md", "utf8");
  const names = [...page.matchAll(/^# TYPE (configdrive_\w+)/gm)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThan(14);
  expect(names.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

test("the alert rules are such, and do what their tests say", async () => {
  const run = promisify(execFile);
  const check = await run("promtool", ["check", "rules", "packaging/prometheus/configdrive.rules.yml"]);
  expect(check.stdout).toContain("SUCCESS");
  const played = await run("promtool", ["test", "rules", "packaging/prometheus/configdrive.rules.test.yml"]);
  expect(played.stdout).toContain("SUCCESS");
});

test("readiness is the truth: no broker, a broker again, and the end", async () => {
  expect(await ready()).toEqual({
    status: 200,
    body: { ready: true, catalog: "up", bus: "up", hosts: "absent", calls: "up" },
  });
  await broker.kill();
  await until(60_000, "the lost broker to be told", async () => (await ready()).status === 503);
  expect((await ready()).body).toMatchObject({ ready: false, catalog: "up", bus: "down" });
  expect((await scrape()).get("configdrive_bus_up")).toBe(0);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await broker.start();
  await until(90_000, "the broker to be reached again", async () => (await ready()).status === 200);
  expect((await fetch(`${url}/other`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: "POST" })).status).toBe(405);
  await service.terminate();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
}, 240_000);
