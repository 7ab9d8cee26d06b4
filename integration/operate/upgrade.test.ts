import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { DriveClient } from "#grpc/client.js";
import { Agent } from "../rigs/agent.js";
import { startDatabases } from "../rigs/databases.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { LifeLoad } from "./life-load.js";
import { Previous } from "./previous.js";

// Every step waits for processes to start and for calls under load, on a machine that may be busy with other things.
jest.setTimeout(600_000);

const run = promisify(execFile);
const NEXT = resolve("bin/configdrive");
/** Lives that a caller leads in each state of the upgrade. */
const LIVES = process.env.FORM === "full" ? 25 : 3;

const scope = new Scope();
let previous: Previous;
let agent: Agent;
let services: readonly [Service, Service];
let loads: readonly LifeLoad[];

beforeAll(async () => {
  previous = await scope.own(Previous.unpack());
  const broker = await scope.own(RabbitMq.start());
  const databases = await scope.own(startDatabases("postgresql"));
  const connection = await databases.createDatabase();
  const { transportUrl } = broker;
  agent = await scope.own(Agent.make({ host: "compute-7", transportUrl }));
  agent.install(previous.program);
  await agent.start();
  const start = async (host: string) => {
    const config = ["[DEFAULT]", "role = service", `host = ${host}`, "[agent]", "report_interval = 0.5"];
    const service = await scope.own(Service.make({ transportUrl, connection, config }));
    service.install(previous.program);
    await service.start();
    await service.healthy("configdrive.bus");
    return service;
  };
  services = [await start("controller-1"), await start("controller-2")];
  await services[1].healthy("configdrive.hosts");
  loads = await Promise.all(
    ["vm-1", "vm-2"].map((instance) => scope.own(LifeLoad.start(transportUrl, agent, instance))),
  );
}, 300_000);
afterAll(() => scope[Symbol.asyncDispose](), 120_000);

const goOn = () => Promise.all(loads.map((load) => load.goOn(LIVES)));

/** Stops a service as its operator does, and starts the other version with the same files. */
async function exchange(service: Service, program: string): Promise<void> {
  expect(await service.terminate()).toBe(0);
  service.install(program);
  await service.start();
  await service.healthy("configdrive.bus");
}

test("services first, then agents: no call fails while two versions are on one bus and one database", async () => {
  await goOn();
  // The next version brings the tables to its own schema, while the previous one goes on with them.
  await exchange(services[0], NEXT);
  await goOn();
  await exchange(services[1], NEXT);
  await goOn();
  for (const load of loads) expect(load.refused).toEqual([]);
  expect(await agent.terminate()).toBe(0);
  agent.install(NEXT);
  await agent.start();
  await goOn();
  for (const load of loads) {
    // A host without an agent takes nothing; the same request is done when it has one again.
    await load.finish();
    const reasons = load.refused.map(({ reason }) => reason);
    expect(["HOST_UNREACHABLE", "DRIVE_BUSY"]).toEqual(expect.arrayContaining(reasons));
  }
  for (const service of services) expect(await service.events("crashed")).toEqual([]);
});

test("and back: the previous version is refused on the newer tables, and has its drives again once they are brought back", async () => {
  using door = new DriveClient(services[0].address);
  const content = { $case: "blob", value: { data: Buffer.from("kept"), elsewhere: undefined } } as const;
  const { drive } = await door.populateVolume({ requestId: randomUUID(), content }, { projectId: "demo" });
  expect(await services[0].terminate()).toBe(0);
  const { NODE_OPTIONS: _, ...env } = process.env;
  const arguments_ = ["catalog", "go-back", await previous.newestMigration(), "--config-file", services[0].configFile];
  const goBack = () => run(NEXT, arguments_, { env });
  await expect(goBack()).rejects.toMatchObject({ stderr: expect.stringMatching(/stop every service.*CATALOG_LOCKED/) });
  expect(await services[1].terminate()).toBe(0);
  for (const service of services) service.install(previous.program);
  await expect(services[0].start()).rejects.toThrow(/ended|exit/);
  const [failed] = await services[0].events("failed");
  expect(failed).toMatchObject({ reason: "CATALOG_FAILED", msg: expect.stringContaining("0008-lost-hosts") });
  expect((await goBack()).stdout).toContain("undone  0008-lost-hosts");
  await services[0].start();
  const kept = await door.getDrive({ driveId: drive?.id ?? "" }, { projectId: "demo" });
  expect(kept.drive).toMatchObject({ id: drive?.id, pendingGeneration: 1 });
});
