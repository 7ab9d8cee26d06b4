import { randomBytes, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { sql } from "kysely";
import { NO_MIGRATIONS } from "kysely/migration";
import { pino } from "pino";
import type { Database } from "#catalog/database.js";
import { migrate } from "#catalog/migrate.js";
import { MADE } from "#catalog/migration-ledger.js";
import { migrationsFor } from "#catalog/migrations/index.js";
import { openDatabase } from "#catalog/open.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import type { DriveFilter, DriveRecord } from "#drive/catalog.js";
import type { Drive } from "#drive/drive.js";
import { Refusal } from "#drive/refusal.js";
import { Canaries } from "../doors/canaries.js";
import { type Databases, databaseKinds, startDatabases } from "../rigs/databases.js";
import { laterColumn, otherColumn } from "./later-migrations.js";
import { attachmentTo, everyDrive, newDrive, opening, requestFor, stored } from "./records.js";

const owner = { pid: 1, host: "h", since: "2026-01-02T03:04:05.678Z" };
const how = { newId: randomUUID };

describe.each(databaseKinds)("the catalog on %s", (kind) => {
  let databases: Databases;
  let database: Database;
  let catalog: SqlCatalog;
  beforeAll(async () => {
    databases = await startDatabases(kind);
    database = await openDatabase(await databases.createDatabase(), owner, how);
    catalog = new SqlCatalog(database);
  }, 120_000);
  afterAll(async () => {
    await catalog?.dispose();
    await databases?.[Symbol.asyncDispose]();
  }, 60_000);

  test("gives what was committed, whole", async () => {
    const bytes = randomBytes(300_000);
    const spec = {
      content: { kind: "blob", bytes },
      format: "raw",
      label: "é'\"\\\0".slice(0, 4),
      sizeBytes: 7,
    } as const;
    const drive = newDrive({ attachments: [attachmentTo("i-whole")], projectId: "P é ", deleteOnTermination: false });
    const record = await catalog.open(opening(drive, { spec: { generation: 1, spec } }));
    expect(record.drive).toEqual({ ...drive, revision: 1 });
    expect(await catalog.find(drive.id)).toEqual(record);
    expect(await catalog.spec(drive.id, 1)).toEqual(spec);
    expect(await catalog.underWay()).toEqual([record]);
    await catalog.close(record, undefined, "DONE");
    expect(await catalog.find(drive.id)).toBeUndefined();
    expect(await catalog.spec(drive.id, 1)).toBeUndefined();
  });

  test("counts drives, what guests do not see yet, and what is open", async () => {
    const before = await catalog.tally();
    const generation = { ...newDrive().generations[0]!, state: "READY", sha256: "d" } as const;
    const attachments = [attachmentTo("i-tally")];
    await stored(catalog, newDrive({ generations: [generation], attachments }));
    // The guest sees the first; a second one that is ready counts, one that is being built does not.
    await stored(catalog, newDrive({ generations: [generation, { ...generation, number: 2 }], attachments }));
    const building = { ...generation, number: 2, state: "BUILDING" } as const;
    await stored(catalog, newDrive({ generations: [generation, building], attachments }));
    const drive = newDrive({ projectId: "p-tally" });
    const record = await catalog.open(opening(drive));
    expect(await catalog.tally()).toEqual({
      drives: before.drives + 4,
      pendingGenerations: before.pendingGenerations + 1,
      openOperations: [{ kind: "populate", count: 1, oldestStartedAt: record.operation?.startedAt }],
    });
    await catalog.close(record, undefined, "DONE");
    expect(await catalog.tally()).toMatchObject({ drives: before.drives + 3, openOperations: [] });
  });

  test("tells names apart by every byte", async () => {
    const projects = ["a", "A", "a ", "á"];
    for (const projectId of projects) await stored(catalog, newDrive({ projectId: `bytes-${projectId}` }));
    for (const projectId of projects) {
      expect(await catalog.list({ ...everyDrive, projectId: `bytes-${projectId}` })).toHaveLength(1);
    }
  });

  test("lists what passes every filter, from any place on", async () => {
    const projectId = `p-${randomUUID()}`;
    const held: readonly (readonly [instance: string, host: string])[][] = [
      [],
      [["i1", "h1"]],
      [["i1", "h2"]],
      [["i2", "h1"]],
      // On its way from one host to the other.
      [
        ["i1", "h1"],
        ["i1", "h2"],
      ],
      [["i1", "H1"]],
      [],
    ];
    const drives: Drive[] = [];
    for (const parties of held) {
      const attachments = parties.map((party) => attachmentTo(...party));
      drives.push((await stored(catalog, newDrive({ projectId, attachments }))).drive);
    }
    await stored(catalog, newDrive({ attachments: [attachmentTo("i1", "h1")] }));
    await stored(catalog, newDrive());
    drives.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const instanceId of [undefined, "i1", "i2", "i3"]) {
      for (const host of [undefined, "h1", "h2", "h3"]) {
        for (const attached of [undefined, true, false]) {
          const filter = { ...everyDrive, projectId, instanceId, host, attached };
          const passes = ({ attachments }: Drive) =>
            (instanceId === undefined || attachments.some((one) => one.instanceId === instanceId)) &&
            (host === undefined || attachments.some((one) => one.host === host)) &&
            (attached === undefined || attachments.length > 0 === attached);
          const expected = drives.filter(passes).map(({ id }) => id);
          const ids = async (change: Partial<DriveFilter>) =>
            (await catalog.list({ ...filter, ...change })).map(({ id }) => id);
          expect([filter, await ids({})]).toEqual([filter, expected]);
          const afterId = drives[2]?.id ?? "";
          const later = expected.filter((id) => id > afterId);
          expect([filter, await ids({ afterId, limit: 1 })]).toEqual([filter, later.slice(0, 1)]);
        }
      }
    }
  });

  test("refuses a write with an old revision, and changes nothing", async () => {
    const old = await stored(catalog, newDrive());
    const record = await catalog.open(opening({ ...old.drive, writable: true }, { from: old }));
    for (const late of [
      () => catalog.open(opening(old.drive, { from: old })),
      () => catalog.advance(old, old.drive),
      () => catalog.close(old, undefined, "DONE"),
      () => catalog.settle(requestFor(old.drive.id), { from: old, drive: old.drive }),
    ]) {
      await expect(late()).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    }
    expect(await catalog.find(old.drive.id)).toEqual(record);
    await catalog.close(record, record.drive, "DONE");
  });

  test("lets one of many writers at once have the drive, and one of many requests its id", async () => {
    const from = await stored(catalog, newDrive());
    const racing = Array.from({ length: 20 }, (_, index) => {
      const drive = { ...from.drive, updatedAt: new Date(index) };
      return catalog.open(opening(drive, { from }));
    });
    const outcomes = await Promise.allSettled(racing);
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.reason] : []));
    expect(won).toHaveLength(1);
    expect(new Set(lost)).toEqual(new Set(["DRIVE_BUSY"]));
    expect(await catalog.find(from.drive.id)).toEqual(won[0]);
    await catalog.close(won[0]!, from.drive, "DONE");

    const request = requestFor("");
    const same = await Promise.allSettled(
      Array.from({ length: 10 }, () => {
        const drive = newDrive();
        return catalog.open(opening(drive, { request: { ...request, driveId: drive.id } }));
      }),
    );
    expect(same.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const [made] = same.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(await catalog.request(request)).toMatchObject({ driveId: made?.drive.id, state: "OPEN" });
    await catalog.close(made!, undefined, "FAILED");
  });

  test("remembers what a release has decided in several parts, and how far it is", async () => {
    const drives = [await stored(catalog, newDrive()), await stored(catalog, newDrive())] as const;
    const request = requestFor("", { method: "release" });
    const part = async (record: DriveRecord, isLast: boolean) => {
      const { id } = record.drive;
      const released = isLast ? { deleted: [], kept: [id] } : { deleted: [id], kept: [] };
      const { operation, drive } = opening(record.drive);
      const mine = { ...operation, kind: "release" as const, request: { ...request } };
      const state = isLast ? "DONE" : "FAILED";
      const [open] = await catalog.openAll({ ...request, released }, [{ operation: mine, drive, from: record }], state);
      await catalog.close(open!, drive, "DONE");
    };
    await part(drives[0], false);
    const [first, second] = drives.map(({ drive }) => drive.id);
    expect(await catalog.request(request)).toMatchObject({ state: "FAILED", released: { deleted: [first], kept: [] } });
    await part(drives[1], true);
    const whole = { state: "DONE", released: { deleted: [first], kept: [second] } };
    expect(await catalog.request(request)).toMatchObject(whole);
    await expect(catalog.openAll(request, [], "DONE")).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    expect(await catalog.request(request)).toMatchObject(whole);
  });

  test("counts a project's drives over all services, so that the last free place is one caller's", async () => {
    const url = await databases.createDatabase();
    await using first = await opened(url);
    // SQLite is one service's alone.
    await using second = kind === "sqlite" ? undefined : await opened(url);
    const services = [first, second ?? first].map((service) => new SqlCatalog(service.database));
    const project = { projectId: "full" };
    const racing = Array.from({ length: 20 }, (_, index) => {
      const drive = newDrive(project);
      const request = requestFor(drive.id, project);
      return services[index % 2]!.open({ ...opening(drive), request, mostDrives: 5 });
    });
    const outcomes = await Promise.allSettled(racing);
    const made = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.reason] : []));
    expect(made).toHaveLength(5);
    expect(new Set(refused)).toEqual(new Set(["QUOTA_EXCEEDED"]));
    expect(await services[0]!.driveCount("full")).toBe(5);
    await Promise.allSettled(
      made.flatMap((record) => services.map((service) => service.close(record, undefined, "DONE"))),
    );
    expect(await services[1]!.driveCount("full")).toBe(0);
  });

  test("never gives a drive half old and half new", async () => {
    let record = await catalog.open(opening(newDrive({ attachments: [attachmentTo("torn")] })));
    const { id } = record.drive;
    let writing = true;
    const torn: number[] = [];
    const reader = async () => {
      while (writing) {
        const seen = (await catalog.find(id))?.drive;
        const revision = seen?.revision ?? 0;
        if (revision > 1 && seen?.attachments[0]?.desiredGeneration !== revision) torn.push(revision);
      }
    };
    const readers = Promise.all([reader(), reader(), reader()]);
    readers.catch(() => undefined);
    for (let write = 2; write < 60; write += 1) {
      const attachments = [{ ...attachmentTo("torn"), desiredGeneration: write }];
      record = await catalog.advance(record, { ...record.drive, attachments });
    }
    writing = false;
    await readers;
    expect(torn).toEqual([]);
    await catalog.close(record, undefined, "DONE");
  });

  test("tells nothing of a drive's content when it fails, wherever the error is shown", async () => {
    const other = await openDatabase(await databases.createDatabase(), owner, how);
    try {
      const canaries = new Canaries();
      const content = { kind: "blob", bytes: Buffer.from(canaries.at("content")) } as const;
      const spec = { generation: 1, spec: { content, format: "raw", label: "", sizeBytes: 7 } } as const;
      const failing = new SqlCatalog(other);
      const hindrances = [
        ...(kind === "sqlite" ? [] : [sql`alter table specs add constraint seven check (size_bytes <> 7)`]),
        sql`alter table specs rename to elsewhere`,
      ];
      for (const hindrance of hindrances) {
        await hindrance.execute(other.db);
        const error = await failing.open(opening(newDrive(), { spec })).catch((reason: unknown) => reason);
        if (!(error instanceof Refusal)) throw new Error("the drive was written");
        expect(error.reason).toBe("CATALOG_FAILED");
        // As a crash shows it, and as a log does.
        for (const shown of [
          inspect(error, { depth: Infinity }),
          JSON.stringify(pino.stdSerializers.errWithCause(error)),
        ]) {
          expect([canaries.foundIn(shown), shown]).toEqual([[], shown]);
        }
      }
    } finally {
      await other.dispose();
    }
  });

  test("goes back to no tables and forward again, also after it was cut off half-way", async () => {
    await using other = await opened(await databases.createDatabase());
    const { db, dialect } = other.database;
    const tables = async () => (await db.introspection.getTables()).map(({ name }) => name).sort();
    const all = await tables();
    const migrations = migrationsFor(dialect);
    expect(await migrate(db, migrations)).toEqual([]);
    await migrate(db, migrations, NO_MIGRATIONS);
    expect(await tables()).toEqual([MADE]);
    for (const { up } of Object.values(migrations)) await up(db);
    await db.schema.dropTable("services").execute();
    await migrate(db, migrations);
    expect(await tables()).toEqual(all);
  });

  test("is told from another one, at every opening, also after its tables went back and forward", async () => {
    const connection = await databases.createDatabase();
    const first = await openDatabase(connection, owner, how);
    const { identity, db, dialect } = first;
    expect(identity).not.toBe(database.identity);
    await migrate(db, migrationsFor(dialect), Object.keys(migrationsFor(dialect))[0]);
    await first.dispose();
    const again = await openDatabase(connection, owner, how);
    await again.dispose();
    expect(again.identity).toBe(identity);
  });

  test("of a newer version is used where that has only added, and refused where it has not", async () => {
    const url = await databases.createDatabase();
    const { db, dialect, dispose } = (await opened(url)).database;
    const known = migrationsFor(dialect);
    const [newest = ""] = Object.keys(known).toReversed();
    const added = { ...known, "9998-later": laterColumn };
    expect(await migrate(db, added)).toEqual(["9998-later"]);
    await expect(migrate(db, known, newest)).rejects.toMatchObject({
      reason: "CATALOG_FAILED",
      message: expect.stringContaining("9998-later"),
    });
    await dispose();
    await using older = await opened(url);
    const catalog = new SqlCatalog(older.database);
    const { drive } = await stored(catalog, newDrive());
    expect((await catalog.find(drive.id))?.drive).toEqual(drive);
    await sql`update drives set later = 'kept'`.execute(older.database.db);
    const changed = { ...added, "9999-other": otherColumn };
    expect(await migrate(older.database.db, changed)).toEqual(["9999-other"]);
    await expect(migrate(older.database.db, known)).rejects.toMatchObject({
      reason: "CATALOG_FAILED",
      message: expect.stringMatching(/9998-later .*go-back/),
    });
    expect(await migrate(older.database.db, changed, "9998-later")).toEqual(["9999-other"]);
    expect(await migrate(older.database.db, known)).toEqual([]);
  });
});

async function opened(url: string): Promise<AsyncDisposable & { readonly database: Database }> {
  const database = await openDatabase(url, owner, how);
  return { database, [Symbol.asyncDispose]: () => database.dispose() };
}
