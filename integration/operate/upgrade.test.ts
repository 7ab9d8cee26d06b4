import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { jest } from "@jest/globals";
import { DriveClient } from "#grpc/client.js";
import { Agent } from "../rigs/agent.js";
import { type DatabaseKind, startDatabases } from "../rigs/databases.js";
import { RabbitMq } from "../rigs/rabbitmq.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { busCaller, grpcCaller } from "./caller.js";
import { LifeLoad } from "./life-load.js";
import { Previous } from "./previous.js";

// Every step waits for processes to start and for calls under load, on a machine that may be busy with other things.
jest.setTimeout(600_000);

const run = promisify(execFile);
const NEXT = resolve("bin/configdrive");
/** Lives that a caller leads in each state of the upgrade. */
const LIVES = process.env.FORM === "full" ? 25 : 3;

/** MariaDB is what most clouds have, and the one that undoes no migration that was cut off. */
const KINDS: readonly DatabaseKind[] = process.env.FORM === "full" ? ["mariadb", "postgresql"] : ["mariadb"];

describe.each(KINDS)("on one RabbitMQ and one %s", (kind) => {
  const scope = new Scope();
  let previous: Previous;
  let agent: Agent;
  let services: readonly [Service, Service];
  let loads: readonly LifeLoad[];

  beforeAll(async () => {
    previous = await scope.own(Previous.unpack());
    const broker = await scope.own(RabbitMq.start());
    const databases = await scope.own(startDatabases(kind));
    const connection = await databases.createDatabase();
    const { transportUrl } = broker;
    agent = await scope.own(Agent.make({ host: "compute-7", transportUrl }));
    agent.install(previous.program);
    await agent.start();
    const start = async (host: string) => {
      // A machine that is busy with other things takes long to start an agent.
      const config = ["[DEFAULT]", "role = service", `host = ${host}`];
      config.push("[agent]", "report_interval = 0.5", "return_wait = 90");
      const service = await scope.own(Service.make({ transportUrl, connection, config }));
      service.install(previous.program);
      await service.start();
      await service.healthy("configdrive.bus");
      return service;
    };
    services = [await start("controller-1"), await start("controller-2")];
    await services[1].healthy("configdrive.hosts");
    const callers = [await busCaller(transportUrl), await busCaller(transportUrl), grpcCaller(services[0].address)];
    loads = await Promise.all(
      callers.map((caller, index) => scope.own(LifeLoad.start(caller, agent, `vm-${index + 1}`))),
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
    await service.healthy("configdrive.hosts");
  }

  test("services first, then agents, and a service back again: no call fails while two versions are there", async () => {
    await goOn();
    // The next version brings the tables to its own schema, while the previous one goes on with them.
    await exchange(services[0], NEXT);
    await goOn();
    await exchange(services[1], NEXT);
    await goOn();
    expect(await agent.terminate()).toBe(0);
    agent.install(NEXT);
    await agent.start();
    await goOn();
    // The previous version is started on the tables of the next one, which has only added to them.
    await exchange(services[1], previous.program);
    await goOn();
    await exchange(services[1], NEXT);
    for (const load of loads) await load.finish();
    for (const service of services) expect(await service.events("crashed")).toEqual([]);
  });

  test("and all the way back: the tables are brought back once no service runs, and the drives are there", async () => {
    using door = new DriveClient(services[0].address);
    const content = { $case: "blob", value: { data: Buffer.from("kept"), elsewhere: undefined } } as const;
    const { drive } = await door.populateVolume({ requestId: randomUUID(), content }, { projectId: "demo" });
    expect(await services[0].terminate()).toBe(0);
    const { NODE_OPTIONS: _, ...env } = process.env;
    const migration = await previous.newestMigration();
    const goBack = () => run(NEXT, ["catalog", "go-back", migration, "--config-file", services[0].configFile], { env });
    await expect(goBack()).rejects.toMatchObject({
      stderr: expect.stringMatching(/stop every service.*CATALOG_LOCKED/),
    });
    expect(await services[1].terminate()).toBe(0);
    expect((await goBack()).stdout).toBe("undone  0009-attachments-by-host\nundone  0008-lost-hosts\n");
    services[0].install(previous.program);
    await services[0].start();
    const kept = await door.getDrive({ driveId: drive?.id ?? "" }, { projectId: "demo" });
    expect(kept.drive).toMatchObject({ id: drive?.id, pendingGeneration: 1 });
  });
});
