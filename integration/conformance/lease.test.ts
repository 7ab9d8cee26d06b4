import { randomUUID } from "node:crypto";
import { openCatalog, openDatabase } from "#catalog/open.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import type { Catalog } from "#drive/catalog.js";
import { type Databases, startDatabases } from "../rigs/databases.js";
import { newDrive, opening, stored } from "./records.js";

/** Short, so that a lease runs out while a test looks; long enough that a living service on a busy machine renews it. */
const leaseMs = 4000;

const service = (url: string, host: string) =>
  openCatalog(url, { pid: 1, host, since: "now" }, { newId: randomUUID, leaseMs });

describe.each(["postgresql", "mariadb"] as const)("several services on %s", (kind) => {
  let databases: Databases;
  let url = "";
  let first: Catalog;
  let second: Catalog;
  beforeAll(async () => {
    databases = await startDatabases(kind);
  }, 120_000);
  beforeEach(async () => {
    url = await databases.createDatabase();
    [first, second] = await Promise.all([service(url, "one"), service(url, "two")]);
  }, 30_000);
  afterEach(async () => {
    await Promise.all([first.dispose(), second.dispose()]);
  });
  afterAll(() => databases?.[Symbol.asyncDispose](), 60_000);

  test("start at once on an empty database", async () => {
    const empty = await databases.createDatabase();
    const catalogs = await Promise.all(["a", "b", "c"].map((host) => service(empty, host)));
    await Promise.all(catalogs.map((catalog) => catalog.check()));
    await Promise.all(catalogs.map((catalog) => catalog.dispose()));
  });

  test("see what each other wrote, and hear of it", async () => {
    const heard = second.nextWrite();
    const record = await stored(first, newDrive());
    expect(await second.find(record.drive.id)).toEqual(record);
    await heard;
    const { changes, newest } = await second.changes("p1", 0, 100);
    expect(changes.at(-1)).toMatchObject({ number: newest, driveId: record.drive.id });
  });

  test("a living one's operation is nobody else's, however long it takes", async () => {
    const record = await first.open(opening(newDrive()));
    const end = performance.now() + 1.5 * leaseMs;
    while (performance.now() < end) {
      expect(await second.underWay()).toEqual([]);
      await expect(second.takeOver(record)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
      await second.nextWrite();
    }
    await first.close(record, record.drive, "DONE");
  }, 20_000);

  test("one that ended in good order leaves its operations at once", async () => {
    const third = await service(url, "three");
    const record = await third.open(opening(newDrive()));
    await third.dispose();
    expect((await second.underWay()).map(({ drive }) => drive.id)).toEqual([record.drive.id]);
    const taken = await second.takeOver(record);
    await second.close(taken, taken.drive, "DONE");
  });

  test("one that lost its lease can commit no more, and its operations are taken over by one of the others", async () => {
    const database = await openDatabase(url, { pid: 2, host: "lost", since: "now" }, { newId: randomUUID });
    const lost = new SqlCatalog(database);
    const record = await lost.open(opening(newDrive()));
    expect(await second.underWay()).toEqual([]);
    // As when its machine stood still: it does not know yet, for it looks again in ten seconds only.
    await database.db.updateTable("services").set({ expires_at: 0 }).where("id", "=", database.lease.id).execute();
    expect(await second.underWay()).toEqual([record]);
    const late = [
      () => lost.advance(record, record.drive),
      () => lost.close(record, record.drive, "DONE"),
      () => lost.close(record, undefined, "DONE"),
    ];
    for (const write of late) await expect(write()).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    await expect(lost.open(opening(newDrive()))).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
    await expect(lost.check()).rejects.toMatchObject({ reason: "CATALOG_FAILED" });

    const both = await Promise.allSettled([first.takeOver(record), second.takeOver(record)]);
    const won = both.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    const winner = both[0]?.status === "fulfilled" ? first : second;
    for (const write of late) await expect(write()).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    // It takes a new lease, and can begin again; what it had is not its own any more.
    await database.lease.renew();
    for (const write of late) await expect(write()).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    await expect(lost.takeOver(won[0]!)).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
    const next = await lost.open(opening(newDrive()));
    await lost.close(next, undefined, "DONE");
    await winner.close(won[0]!, won[0]!.drive, "DONE");
    expect((await lost.find(record.drive.id))?.operation).toBeUndefined();
    await lost.dispose();
  });

  test("one that stands still in the midst of a transaction holds the others up for seconds only, and has lost what it wrote", async () => {
    const database = await openDatabase(url, { pid: 3, host: "still", since: "now" }, { newId: randomUUID });
    const written = Promise.withResolvers<void>();
    const on = Promise.withResolvers<void>();
    const transaction = database.db.transaction().execute(async (trx) => {
      await trx.updateTable("event_counter").set({ newest: 1000 }).execute();
      written.resolve();
      await on.promise;
      await trx.updateTable("event_counter").set({ newest: 2000 }).execute();
    });
    const lost = expect(transaction).rejects.toThrow();
    await written.promise;
    const record = await stored(first, newDrive());
    on.resolve();
    await lost;
    expect(await second.find(record.drive.id)).toEqual(record);
    expect((await second.changeRange()).newest).toBeLessThan(1000);
    await database.dispose();
  }, 60_000);

  test("changes are numbered in the order of their commits, whoever makes them", async () => {
    let seen = 0;
    const numbers: number[] = [];
    let writing = true;
    const watcher = async () => {
      for (let last = false; !last; ) {
        last = !writing;
        for (const { number } of (await first.changes("p1", seen, 1000)).changes) {
          numbers.push(number);
          seen = number;
        }
      }
    };
    const watching = watcher();
    watching.catch(() => undefined);
    const writers = [first, second].flatMap((catalog) =>
      Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 5; count += 1) await stored(catalog, newDrive());
      }),
    );
    await Promise.all(writers);
    writing = false;
    await watching;
    expect(numbers).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
  }, 60_000);
});
