import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "#catalog/database.js";
import { openDatabase } from "#catalog/open.js";
import fc from "#integration/rigs/properties.js";
import { type Databases, startDatabases } from "../rigs/databases.js";
import { CallFailed, type Door } from "../rigs/door.js";
import { type DriveAnswer, pendingOf } from "../rigs/drive-answer.js";
import { GrpcDoor } from "../rigs/grpc-door.js";
import { privateDirectory } from "../rigs/private-directory.js";
import { Scope } from "../rigs/scope.js";
import { Service } from "../rigs/service.js";
import { suspend } from "../rigs/stand-still.js";
import { until } from "../rigs/wait.js";
import { blob, change, get } from "./parties.js";

const full = process.env.FORM === "full";
const seeds = full ? [1, 2, 3, 4, 5, 6] : [1];
const kills = full ? 6 : 1;
const callers = 8;
const callsOfEach = 15;
const leaseSeconds = 3;
const machines = ["vm-1", "vm-2"] as const;

const drive = fc.nat(2);
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ call: fc.constant("populate" as const), drive, how: fc.constantFrom("STAGE", "REFRESH") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ call: fc.constant("attach" as const), drive, machine: fc.constantFrom(...machines) }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constant("detach" as const), drive }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant("refresh" as const), drive }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** A service that got no processor time for so long that it lost its lease says so, and its callers try again. */
const LEASE_LOST = "LEASE_LOST";

/** What a caller may be refused with only because others are at work too, or because its service was killed. */
const others = ["DRIVE_BUSY", "DRIVE_ATTACHED", "ATTACHED_ELSEWHERE", "NOT_ATTACHED", LEASE_LOST];

/** What the databases promise for it each keeps in `catalog.test.ts` and `lease.test.ts`, so the short form takes one. */
const kinds = full ? (["postgresql", "mariadb"] as const) : (["postgresql"] as const);

describe.each(kinds)("two services on one %s", (kind) => {
  const scope = new Scope();
  let databases: Databases;
  let connection = "";
  let instances = "";
  let services: Service[] = [];
  let doors: GrpcDoor[] = [];
  let look: Database;

  beforeAll(async () => {
    databases = await scope.own(startDatabases(kind));
    instances = await privateDirectory("instances");
    for (const machine of machines) await mkdir(join(instances, machine));
    connection = await databases.createDatabase();
    const config = ["[catalog]", `lease_time = ${leaseSeconds}`, "[drives]", "reconcile_interval = 1"];
    services = await Promise.all([0, 1].map(() => scope.own(Service.start({ connection, instances, config }))));
    doors = services.map(({ address }) => new GrpcDoor(address));
    look = await openDatabase(connection, { pid: 0, host: "look", since: "now" }, { newId: randomUUID });
  }, 120_000);
  afterAll(async () => {
    await look?.dispose();
    for (const door of doors) await door[Symbol.asyncDispose]();
    await scope[Symbol.asyncDispose]();
    await rm(instances, { recursive: true, force: true });
  }, 60_000);

  test.each(seeds)(
    "many callers on few drives, seed %i: no lost update, no double attach",
    async (seed) => {
      const [first, second] = [doors[0]!, doors[1]!];
      const ids = await threeDrives(first);
      const written = new Map<string, string>();
      const scripts = fc.sample(fc.array(action, { minLength: callsOfEach, maxLength: callsOfEach }), {
        seed,
        numRuns: callers,
      });
      await using watch = watchLinks(instances);
      const reasons = await Promise.all(
        scripts.map((script, index) => play(index % 2 === 0 ? first : second, script, ids, written)),
      );
      expect(await watch.end()).toEqual([]);
      expect(reasons.flat().filter((reason) => reason !== "ok" && !others.includes(reason))).toEqual([]);
      expect(reasons.flat().filter((reason) => reason === "ok").length).toBeGreaterThan(callers);
      const drives = await settled(second, ids);
      expect(await settled(first, ids)).toEqual(drives);
      await expectAllThere(instances, drives, written);
      await removeAll(first, drives);
    },
    120_000,
  );

  test(`one is killed while it works, ${kills} times over: the other one finishes what it had begun`, async () => {
    const second = doors[1]!;
    for (let kill = 1; kill <= kills; kill += 1) {
      const first = doors[0]!;
      const ids = await threeDrives(second);
      const written = new Map<string, string>();
      const [script = []] = fc.sample(fc.array(action, { minLength: 400, maxLength: 400 }), { seed: kill, numRuns: 1 });
      await using watch = watchLinks(instances);
      const playing = Promise.all([0, 1, 2].map((part) => play(first, script.slice(part * 100), ids, written)));
      playing.catch(() => undefined);
      await stopAtWork(look, services[0]!);
      await services[0]!.kill();
      const left = await look.db.selectFrom("operations").selectAll().execute();
      const reasons = (await playing).flat();
      expect(reasons.filter((reason) => reason !== "ok" && reason !== "" && !others.includes(reason))).toEqual([]);
      const drives = await settled(second, ids);
      expect(await watch.end()).toEqual([]);
      expect(left.length).toBeGreaterThan(0);
      await expectAllThere(instances, drives, written);
      await services[0]!.start();
      await first[Symbol.asyncDispose]();
      doors[0] = new GrpcDoor(services[0]!.address);
      expect(await settled(doors[0], ids)).toEqual(drives);
      await removeAll(second, drives);
    }
  }, 300_000);

  /** What it does after it stood still comes too late; it may be seen for a moment, and is then taken back. */
  const standstills = full ? 2 : 0;
  if (standstills > 0) {
    test(`one stands still while it works, ${standstills} times over, for longer than its lease: nothing of what it does too late stays`, async () => {
      for (let time = 1; time <= standstills; time += 1) {
        const [first, second] = [doors[0]!, doors[1]!];
        const ids = await threeDrives(second);
        const [script = []] = fc.sample(fc.array(action, { minLength: 200, maxLength: 200 }), {
          seed: 100 + time,
          numRuns: 1,
        });
        const written = new Map<string, string>();
        const playing = Promise.all([0, 1, 2].map((part) => play(first, script.slice(part * 50), ids, written)));
        playing.catch(() => undefined);
        await stopAtWork(look, services[0]!);
        try {
          await settled(second, ids);
          await play(second, script.slice(150), ids, written);
        } finally {
          process.kill(services[0]!.pid, "SIGCONT");
        }
        const reasons = (await playing).flat();
        // It was told by the database that its lease had run out.
        const expected = ["ok", "CATALOG_FAILED", ...others];
        expect(reasons.filter((reason) => !expected.includes(reason))).toEqual([]);
        await until(60_000, "links as the drives have them", async () => {
          const drives = await settled(second, ids);
          return (await linkFaults(instances, drives)).length === 0;
        });
        const drives = await settled(first, ids);
        await expectAllThere(instances, drives, written);
        await removeAll(first, drives);
      }
    }, 300_000);
  }
});

async function threeDrives(door: Door): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const text of ["a", "b", "c"]) ids.push((await change(door, "populate_volume", blob(text))).id);
  return ids;
}

/**
 * Plays a script at one service, and gives the reasons that it was answered with: `ok`, and nothing for a call that got no
 * answer because the service was gone. Notes which content each generation was acknowledged with.
 */
async function play(
  door: Door,
  script: readonly Action[],
  ids: readonly string[],
  written: Map<string, string>,
): Promise<readonly string[]> {
  const reasons: string[] = [];
  for (const one of script) {
    const drive_id = ids[one.drive] ?? "";
    try {
      switch (one.call) {
        case "populate": {
          const args = { ...blob(randomUUID()), drive_id, when_attached: `WHEN_ATTACHED_${one.how}` };
          const sha256 = digest(Buffer.from(args.blob.data, "base64"));
          const made = (await change(door, "populate_volume", args)).generations.findLast(
            (generation) => generation.sha256 === sha256,
          );
          const key = `${drive_id}/${made?.number}`;
          if (written.has(key)) throw new Error(`two writes were acknowledged as generation ${key}`);
          written.set(key, sha256);
          break;
        }
        case "attach":
          await change(door, "attach_drive", { drive_id, instance_id: one.machine });
          break;
        case "detach":
        case "refresh":
          await change(door, `${one.call}_drive`, { drive_id });
      }
      reasons.push("ok");
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      reasons.push(/lease .* has run out/.test(error.message) ? LEASE_LOST : error.reason);
      // Nobody answers any more.
      if (error.reason === "") return reasons;
    }
  }
  return reasons;
}

/** Has a service stand still at a moment when an operation of its own is open, as far as the database can tell. */
async function stopAtWork({ db }: Database, service: Service): Promise<void> {
  await until(
    30_000,
    "an operation to be open",
    async () => {
      const open = await db
        .selectFrom("operations")
        .innerJoin("services", "services.id", "operations.owner")
        .select("operations.id")
        .where("services.pid", "=", service.pid)
        .executeTakeFirst();
      if (open === undefined) return false;
      await suspend(service.pid);
      // It stands still now: what is open stays open.
      const rows = await db.selectFrom("operations").select("id").execute();
      if (rows.length > 0) return true;
      process.kill(service.pid, "SIGCONT");
      return false;
    },
    1,
  );
}

/** The drives once nothing is under way. */
async function settled(door: Door, ids: readonly string[]): Promise<readonly DriveAnswer[]> {
  return await until(60_000, "every operation to end", async () => {
    const drives = await Promise.all(ids.map((id) => get(door, id)));
    const busy = drives.some(({ state, generations, attachments }) => {
      const building = generations.some((generation) => generation.state === "GENERATION_STATE_BUILDING");
      const old = attachments.some((one) => one.observed_generation !== one.desired_generation);
      return building || old || !["DRIVE_STATE_AVAILABLE", "DRIVE_STATE_IN_USE"].includes(state);
    });
    return !busy && drives;
  });
}

/** Links, content and acknowledgements agree: what was acknowledged last is there, and is what instances see. */
async function expectAllThere(
  instances: string,
  drives: readonly DriveAnswer[],
  written: ReadonlyMap<string, string>,
): Promise<void> {
  expect(await linkFaults(instances, drives)).toEqual([]);
  for (const machine of machines) {
    for (const drive of drivesOf(drives, machine)) {
      const shown = drive.generations.find(({ number }) => number === drive.attachments[0]?.observed_generation);
      expect(digest(await readFile(join(instances, machine, `${drive.id}.img`)))).toBe(shown?.sha256);
    }
  }
  for (const drive of drives) {
    expect(drive.attachments.length).toBeLessThanOrEqual(1);
    const numbers = [...written.keys()].flatMap((key) => (key.startsWith(drive.id) ? [Number(key.slice(37))] : []));
    expect(drive.pending_generation).toBeGreaterThanOrEqual(Math.max(1, ...numbers));
    const acknowledged = written.get(`${drive.id}/${drive.pending_generation}`);
    if (acknowledged !== undefined) expect(pendingOf(drive).sha256).toBe(acknowledged);
  }
}

function drivesOf(drives: readonly DriveAnswer[], machine: string): readonly DriveAnswer[] {
  return drives.filter(({ attachments }) => attachments.some(({ instance_id }) => instance_id === machine));
}

/** Links that no attachment has, and attachments without a link. */
async function linkFaults(instances: string, drives: readonly DriveAnswer[]): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const machine of machines) {
    const wanted = drivesOf(drives, machine).map(({ id }) => `${id}.img`);
    const there = await linksOf(instances, machine);
    faults.push(...there.filter((link) => !wanted.includes(link)).map((link) => `${machine}/${link} is left over`));
    faults.push(...wanted.filter((link) => !there.includes(link)).map((link) => `${machine}/${link} is missing`));
  }
  return faults;
}

async function removeAll(door: Door, drives: readonly DriveAnswer[]): Promise<void> {
  for (const { id } of drives) {
    await change(door, "detach_drive", { drive_id: id });
    await door.call("delete_drive", { request_id: randomUUID(), drive_id: id });
  }
}

/** Looks all the time whether two machines have the same drive. */
function watchLinks(instances: string): AsyncDisposable & { end(): Promise<readonly string[]> } {
  const faults = new Set<string>();
  let watching = true;
  const look = async () => {
    while (watching) {
      // Twice the same machine first: a drive that moves in between is in one of the two only.
      const [before, elsewhere, after] = [
        await linksOf(instances, machines[0]),
        await linksOf(instances, machines[1]),
        await linksOf(instances, machines[0]),
      ];
      for (const link of elsewhere) if (before.includes(link) && after.includes(link)) faults.add(`${link} is in both`);
    }
  };
  const looking = look();
  looking.catch(() => undefined);
  const end = async () => {
    watching = false;
    await looking;
    return [...faults];
  };
  return {
    end,
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

async function linksOf(instances: string, machine: string): Promise<string[]> {
  return (await readdir(join(instances, machine))).filter((name) => !name.startsWith("."));
}

function digest(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
