import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseServer } from "../rigs/database-server.js";
import { type Databases, startDatabases } from "../rigs/databases.js";
import { CallFailed } from "../rigs/door.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { until, within } from "../rigs/wait.js";
import { blob, change, get } from "./parties.js";

/** Longest time until health tells of a database that went or came back, in milliseconds. */
const toldMs = 60_000;

describe.each(["postgresql", "mariadb"] as const)("a service on %s", (kind) => {
  const scope = new Scope();
  let databases: Databases;
  let server: DatabaseServer;
  let service: Service;
  let door: GrpcDoor;
  let instances = "";

  beforeAll(async () => {
    databases = await scope.own(startDatabases(kind));
    if (databases.server === undefined) throw new Error(`${kind} is a server`);
    server = databases.server;
    instances = await privateDirectory("instances");
    await mkdir(join(instances, "vm-1"));
    service = await scope.own(Service.start({ connection: await databases.createDatabase(), instances }));
    door = new GrpcDoor(service.address);
  }, 120_000);
  afterAll(async () => {
    await door?.[Symbol.asyncDispose]();
    await scope[Symbol.asyncDispose]();
    await rm(instances, { recursive: true, force: true });
  }, 60_000);

  const told = (status: "SERVING" | "NOT_SERVING") =>
    until(toldMs, `health to say ${status}`, async () => (await service.health("configdrive.catalog")) === status);

  test.each(process.env.FORM === "full" ? (["shutdown", "kill"] as const) : (["kill"] as const))(
    "loses nothing that it acknowledged when the database goes by %s and comes back",
    async (how) => {
      const made: string[] = [];
      const reasons = new Set<string>();
      const requests: ReturnType<typeof blob>[] = [];
      let calling = true;
      const callers = Array.from({ length: 4 }, async () => {
        while (calling) {
          const args = blob(randomUUID());
          try {
            made.push((await change(door, "populate_volume", args)).id);
          } catch (error) {
            if (!(error instanceof CallFailed)) throw error;
            reasons.add(error.reason);
            requests.push(args);
          }
        }
      });
      const called = Promise.all(callers);
      called.catch(() => undefined);
      try {
        await until(toldMs, "some drives", () => made.length > 10);
        await server[how]();
        await told("NOT_SERVING");
        expect(await service.health("")).toBe("NOT_SERVING");
        await server.start();
        await told("SERVING");
      } finally {
        calling = false;
      }
      await called;
      // DRIVE_BUSY: the commit was made and its answer lost, so the operation is the reconciler's.
      expect([...reasons].filter((reason) => reason !== "CATALOG_FAILED" && reason !== "DRIVE_BUSY")).toEqual([]);
      expect(reasons).toContain("CATALOG_FAILED");
      for (const id of made) expect(await get(door, id)).toMatchObject({ state: "DRIVE_STATE_AVAILABLE" });
      // What was refused is done once when it is asked again under its id, whether or not it had been committed.
      for (const args of requests.slice(-5)) {
        const drive = await until(toldMs, "a repeated request to be done", () =>
          change(door, "populate_volume", args).catch((error: unknown) => {
            if (error instanceof CallFailed && error.reason === "DRIVE_BUSY") return undefined;
            throw error;
          }),
        );
        expect(drive.generations.filter(({ state }) => state === "GENERATION_STATE_READY")).toHaveLength(1);
      }
      const log = await readFile(service.log, "utf8");
      expect(log).toContain("catalog_away");
      expect(log).toContain("catalog_back");
      expect(log).not.toContain("p@ss");
      expect(log).not.toContain("p%40ss");
    },
    120_000,
  );

  test("says so when the database stands still, and goes on when it does", async () => {
    const drive = await change(door, "populate_volume", blob("before"));
    await server.pause();
    try {
      await told("NOT_SERVING");
    } finally {
      server.resume();
    }
    await told("SERVING");
    expect(await get(door, drive.id)).toEqual(drive);
    expect(await change(door, "populate_volume", blob("after"))).toMatchObject({ state: "DRIVE_STATE_AVAILABLE" });
  }, 120_000);

  test("ends at the start when the database is away, and names the server, not the password", async () => {
    const connection = (await databases.createDatabase()).replace(/@127\.0\.0\.1:\d+/, "@127.0.0.1:1");
    const late = await scope.own(Service.make({ connection, instances }));
    await expect(within(90_000, "the service to end", late.start())).rejects.toThrow();
    const log = await readFile(late.log, "utf8");
    expect(log).toContain("CATALOG_FAILED");
    expect(log).toContain("127.0.0.1:1/");
    expect(log).not.toContain("p%40ss");
    expect(log).not.toContain("p@ss");
  }, 60_000);
});
