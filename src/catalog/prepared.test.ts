import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { insertRow } from "./insert-row.js";
import { prepared } from "./prepared.js";
import { openSqlite } from "./sqlite/open.js";

let home: string;
beforeEach(async () => {
  home = await privateDirectory("prepared");
});
afterEach(() => rm(home, { recursive: true }));

const open = () => openSqlite(join(home, "drives.sqlite"), { pid: 1, host: "here", since: "now" }, randomUUID);

test("a statement is made once, and carried out with the arguments of each time", async () => {
  const { db, dispose } = await open();
  let made = 0;
  const twice = prepared((on, first, second) => {
    made += 1;
    return on
      .selectNoFrom([
        sql<string>`${first}`.as("one"),
        sql<string>`${second}`.as("other"),
        sql<number>`${7}`.as("fixed"),
      ])
      .where(sql<boolean>`${first} <> ${"x"}`);
  });
  expect((await twice(db, "a", "b")).rows).toEqual([{ one: "a", other: "b", fixed: 7 }]);
  expect((await twice(db, "c", "c")).rows).toEqual([{ one: "c", other: "c", fixed: 7 }]);
  expect((await twice(db, "x", "b")).rows).toEqual([]);
  expect(made).toBe(1);
  await dispose();
});

test("rows of the same columns go in by one statement, others by their own; an expression is refused", async () => {
  const { db, dispose } = await open();
  await db.transaction().execute(async (trx) => {
    await insertRow(trx, "project_drives", { project_id: "p1", drives: 1 });
    await insertRow(trx, "project_drives", { drives: 2, project_id: "p2" });
    await insertRow(trx, "project_drives", { project_id: "p3", drives: 3 });
    const late = insertRow(trx, "uploads", {
      ...{ content_id: "c", project_id: "p1", sha256: "", size_bytes: 1, expires_at: sql<number>`1 + 1` },
    });
    await expect(late).rejects.toThrow(/^a row of uploads .* holds more than values/);
  });
  const rows = await db.selectFrom("project_drives").select(["project_id", "drives"]).orderBy("project_id").execute();
  expect(rows.map(({ project_id, drives }) => [project_id, drives])).toEqual([
    ["p1", 1],
    ["p2", 2],
    ["p3", 3],
  ]);
  await dispose();
});
