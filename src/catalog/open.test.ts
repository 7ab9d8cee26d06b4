import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NO_MIGRATIONS } from "kysely/migration";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { sqliteDialect } from "./dialect.js";
import { migrate } from "./migrate.js";
import { MADE } from "./migration-ledger.js";
import { migrationsFor } from "./migrations/index.js";
import { openCatalog } from "./open.js";
import { openSqlite } from "./sqlite/open.js";

const owner = { pid: 4711, host: "compute-1", since: "2026-01-01T00:00:00.000Z" };
const how = { newId: randomUUID };
let home = "";
beforeEach(async () => {
  home = await privateDirectory("catalog");
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

test("a second owner is refused, and told who the first one is", async () => {
  const url = `sqlite:///${join(home, "state", "drives.sqlite")}`;
  const first = await openCatalog(url, owner, how);
  await expect(openCatalog(url, { ...owner, pid: 1 }, how)).rejects.toMatchObject({
    reason: "CATALOG_LOCKED",
    message: expect.stringContaining("process 4711 on compute-1, since 2026-01-01T00:00:00.000Z"),
  });
  await first.dispose();
  const second = await openCatalog(url, owner, how);
  await second.dispose();
  expect(await readdir(join(home, "state"))).toEqual(["drives.sqlite"]);
});

test("an owner that was killed leaves the catalog free", async () => {
  const file = join(home, "drives.sqlite");
  const hold = `import { DatabaseSync } from "node:sqlite";
    const db = new DatabaseSync(${JSON.stringify(file)});
    db.exec("pragma locking_mode = exclusive; pragma journal_mode = wal; begin immediate; commit");
    process.stdout.write("held"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", hold], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(holder.stdout, "data");
    await expect(openSqlite(file, owner, randomUUID)).rejects.toMatchObject({
      reason: "CATALOG_LOCKED",
      message: expect.stringContaining("another process"),
    });
  } finally {
    holder.kill("SIGKILL");
    await once(holder, "exit");
  }
  const catalog = await openSqlite(file, owner, randomUUID);
  await catalog.dispose();
});

test("only the owner may read the catalog", async () => {
  const catalog = await openSqlite(join(home, "drives.sqlite"), owner, randomUUID);
  for (const name of await readdir(home)) {
    expect([name, ((await stat(join(home, name))).mode & 0o777).toString(8)]).toEqual([name, "600"]);
  }
  await catalog.dispose();
});

test("every commit is synced", async () => {
  const { db, dispose } = await openSqlite(join(home, "drives.sqlite"), owner, randomUUID);
  const pragma = async (name: string) =>
    Object.values(
      (
        await db.executeQuery({
          sql: `pragma ${name}`,
          parameters: [],
          query: { kind: "RawNode", sqlFragments: [], parameters: [] },
          queryId: { queryId: name },
        })
      ).rows[0] ?? {},
    );
  expect(await pragma("synchronous")).toEqual([2]);
  expect(await pragma("journal_mode")).toEqual(["wal"]);
  expect(await pragma("foreign_keys")).toEqual([1]);
  await dispose();
});

test("the tables go forward and back", async () => {
  const { db, dispose } = await openSqlite(join(home, "drives.sqlite"), owner, randomUUID);
  const tables = async () => (await db.introspection.getTables()).map(({ name }) => name).sort();
  const all = await tables();
  expect(all).toContain("drives");
  const migrations = migrationsFor(sqliteDialect);
  expect(await migrate(db, migrations)).toEqual([]);
  const names = Object.keys(migrations);
  expect(await migrate(db, migrations, NO_MIGRATIONS)).toEqual(names.toReversed());
  expect(await tables()).toEqual([MADE]);
  expect(await migrate(db, migrations)).toEqual(names);
  expect(await tables()).toEqual(all);
  await dispose();
});

test("what is no catalog is refused and left as it is", async () => {
  const file = join(home, "drives.sqlite");
  await writeFile(file, "not a database at all, but long enough to be looked at as one".repeat(40));
  await expect(openSqlite(file, owner, randomUUID)).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
});

test("a database that is not served is refused, and its password is not told", async () => {
  const refused = openCatalog("oracle://user:hunter2@db/configdrive", owner, how);
  await expect(refused).rejects.toMatchObject({ reason: "INVALID_ARGUMENT" });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("hunter2") });
});

test.each(["postgresql", "mariadb"])("a %s server that is away is told, without the password", async (scheme) => {
  const refused = openCatalog(`${scheme}://user:hunter2@127.0.0.1:1/configdrive`, owner, how);
  await expect(refused).rejects.toMatchObject({
    reason: "CATALOG_FAILED",
    message: expect.stringContaining(`${scheme}://127.0.0.1:1/configdrive`),
  });
  await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining("hunter2") });
});
