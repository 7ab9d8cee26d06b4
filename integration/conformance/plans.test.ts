import { randomUUID } from "node:crypto";
import { type CompiledQuery, type RootOperationNode, sql } from "kysely";
import { z } from "zod";
import type { Database } from "#catalog/database.js";
import { openDatabase } from "#catalog/open.js";
import { encodeContent } from "#catalog/spec-content.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import { type DatabaseKind, type Databases, databaseKinds, startDatabases } from "../rigs/databases.js";
import { at, attachmentTo, everyDrive, newDrive, opening, requestFor } from "./records.js";

/** So many that no planner reads them all where it need not. */
const drives = process.env.FORM === "full" ? 100_000 : 10_000;
const projects = 20;
const attached = drives / 2;
const hosts = attached / 10;
/** So few of them that none looks through all for these. */
const few = 10;
/** Tables that grow with the drives. */
const large = ["drives", "attachments", "generations", "specs", "requests", "events"];

describe.each(databaseKinds)("with many drives on %s, no plan reads a large table from end to end:", (kind) => {
  let databases: Databases;
  let database: Database;
  let catalog: SqlCatalog;
  let ids: readonly string[] = [];
  let asked: RootOperationNode[] = [];

  beforeAll(async () => {
    databases = await startDatabases(kind);
    const owner = { pid: 1, host: "h", since: "now" };
    database = await openDatabase(await databases.createDatabase(), owner, { newId: randomUUID });
    ids = await fill(database);
    if (kind === "postgresql") await sql`analyze`.execute(database.db);
    if (kind === "mariadb") await sql`analyze table drives, generations, attachments, requests`.execute(database.db);
    const db = database.db.withPlugin({
      transformQuery: ({ node }) => {
        asked.push(node);
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    catalog = new SqlCatalog({ ...database, db });
  }, 300_000);
  beforeEach(() => {
    asked = [];
  });
  afterAll(async () => {
    await database?.dispose();
    await databases?.[Symbol.asyncDispose]();
  }, 60_000);

  const filter = { ...everyDrive, projectId: "p3", limit: few };
  test.each<[string, () => Promise<unknown>]>([
    ["one drive", () => catalog.find(ids[drives / 2] ?? "")],
    ["a page of a project's drives", () => catalog.list(filter)],
    ["a later page", () => catalog.list({ ...filter, afterId: ids[drives / 2] ?? "" })],
    ["the drives of an instance", () => catalog.list({ ...filter, instanceId: "i7" })],
    ["the drives on a host", () => catalog.list({ ...filter, host: "h3" })],
    ["a later page of them", () => catalog.list({ ...filter, host: "h3", afterId: ids[drives / 2] ?? "" })],
    ["an instance's drives on a host", () => catalog.list({ ...filter, instanceId: "i3", host: "h3" })],
    ["the drives that somebody has", () => catalog.list({ ...filter, attached: true })],
    ["the drives that nobody has", () => catalog.list({ ...filter, attached: false })],
    ["what an instance had last", () => catalog.ofInstance("p3", "i7")],
    ["what is under way", () => catalog.underWay()],
    ["what is attached", () => catalog.attached("", few)],
    ["what is some instance's", () => catalog.held(undefined, 100)],
    ["what was left over", () => catalog.leftovers("FAILED", new Date(), 100)],
    ["a request", () => catalog.request({ projectId: "p3", requestId: randomUUID() })],
    ["a spec", () => catalog.spec(ids[0] ?? "", 1)],
    ["the oldest and the newest change", () => catalog.changeRange()],
    ["changes", () => catalog.changes("p3", drives - 100, 50)],
    ["whether content is named", () => catalog.namedContent(["0".repeat(64)])],
    ["a drive's life", () => life(catalog)],
    ["old requests", () => catalog.forgetRequests(new Date(0))],
    ["old changes", () => catalog.forgetChanges(new Date(0))],
  ])("%s", async (_title, ask) => {
    await ask();
    const planned = asked.filter(({ kind: node }) => node !== "InsertQueryNode" && node !== "RawNode");
    expect(planned).not.toEqual([]);
    for (const node of planned) {
      const query = database.db.getExecutor().compileQuery(node, { queryId: "explained" });
      expect([query.sql, await readWhole[kind](database, query)]).toEqual([query.sql, []]);
    }
  });
});

/** Every write that an operation makes, and one that needs none. */
async function life(catalog: SqlCatalog): Promise<void> {
  const drive = newDrive();
  const opened = await catalog.open(opening(drive, { spec: { generation: 1, spec } }));
  const taken = await catalog.takeOver(await catalog.advance(opened, { ...drive, attachments: [attachmentTo("i")] }));
  await catalog.close(taken, { ...taken.drive, attachments: [] }, "DONE");
  const from = await catalog.find(drive.id);
  if (from === undefined) throw new Error("the drive was stored and is not there");
  await catalog.settle(requestFor(drive.id), { from, drive: from.drive });
  const last = await catalog.find(drive.id);
  if (last === undefined) throw new Error("the drive was settled and is not there");
  await catalog.close(
    await catalog.open(opening({ ...last.drive, deleting: true }, { from: last })),
    undefined,
    "DONE",
  );
}

const spec = { content: { kind: "blob", bytes: Buffer.from("x") }, format: "raw", label: "", sizeBytes: 0 } as const;

const sqlitePlan = z.array(z.object({ detail: z.string() }));
const mariadbPlan = z.array(z.object({ table: z.string().nullable(), type: z.string().nullable() }));
const postgresqlNode = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Cond": z.string().optional(),
  get Plans() {
    return z.array(postgresqlNode).optional();
  },
});
const postgresqlPlan = z.tuple([z.object({ "QUERY PLAN": z.tuple([z.object({ Plan: postgresqlNode })]) })]);

/** The large tables that a query reads from end to end, as the database's own EXPLAIN has it. */
const readWhole: Record<DatabaseKind, (database: Database, query: CompiledQuery) => Promise<string[]>> = {
  sqlite: async (database, query) => {
    const steps = sqlitePlan.parse(await explained(database, "explain query plan", query));
    return steps.flatMap(({ detail }) => large.filter((table) => detail.startsWith(`SCAN ${table}`)));
  },
  postgresql: async (database, query) => {
    const [{ "QUERY PLAN": plan }] = postgresqlPlan.parse(await explained(database, "explain (format json)", query));
    return wholeIn(plan[0].Plan);
  },
  mariadb: async (database, query) => {
    const steps = mariadbPlan.parse(await explained(database, "explain", query));
    return steps.flatMap(({ table, type }) =>
      table !== null && large.includes(table) && (type === "ALL" || type === "index") ? [table] : [],
    );
  },
};

function wholeIn(node: z.infer<typeof postgresqlNode>): string[] {
  const { "Node Type": type, "Relation Name": table = "", "Index Cond": condition } = node;
  const whole = type.includes("Scan") && !type.startsWith("Bitmap") && condition === undefined && large.includes(table);
  return [...(whole ? [`${type} of ${table}`] : []), ...(node.Plans ?? []).flatMap(wholeIn)];
}

async function explained(database: Database, how: string, query: CompiledQuery): Promise<readonly unknown[]> {
  const { rows } = await database.db.executeQuery({ ...query, sql: `${how} ${query.sql}` });
  return rows;
}

/** Drives with a generation, a request and an event each; some are attached, and a few of those have an operation. */
async function fill({ db }: Database): Promise<readonly string[]> {
  const ids = Array.from({ length: drives }, () => randomUUID());
  const time = at.getTime();
  const chunk = 1000;
  for (let start = 0; start < drives; start += chunk) {
    const part = ids.slice(start, start + chunk).map((id, index) => ({ id, place: start + index }));
    const project = (place: number) => `p${place % projects}`;
    await db.transaction().execute(async (trx) => {
      await trx
        .insertInto("drives")
        .values(
          part.map(({ id, place }) => ({
            ...{ id, project_id: project(place), delete_on_termination: 1, writable: 0, deleting: 0 },
            leftover: "" as const,
            last_instance_id: place < attached ? `i${place}` : "",
            ...{ revision: 2, created_at: time, updated_at: time },
          })),
        )
        .execute();
      await trx
        .insertInto("generations")
        .values(
          part.map(({ id }) => ({
            ...{ drive_id: id, number: 1, state: "READY" as const, format: "raw" as const, label: "", size_bytes: 512 },
            ...{ sha256: "0".repeat(64), created_at: time, failure_reason: "" },
          })),
        )
        .execute();
      await trx
        .insertInto("specs")
        .values(
          part.map(({ id }) => ({
            ...{ drive_id: id, generation: 1, format: "raw" as const, label: "", size_bytes: 512 },
            content: encodeContent({ kind: "blob", bytes: Buffer.from(id) }),
          })),
        )
        .execute();
      await trx
        .insertInto("requests")
        .values(
          part.map(({ id, place }) => ({
            ...{ project_id: project(place), request_id: randomUUID(), method: "populate", digest: "0".repeat(64) },
            ...{ drive_id: id, state: "DONE" as const, seen_at: time },
          })),
        )
        .execute();
      await trx
        .insertInto("events")
        .values(
          part.map(({ id, place }) => ({
            ...{ number: place + 1, project_id: project(place), drive_id: id, kind: "CREATED" as const },
            happened_at: time,
          })),
        )
        .execute();
    });
  }
  for (let start = 0; start < attached; start += chunk) {
    const part = ids.slice(start, Math.min(start + chunk, attached));
    await db
      .insertInto("attachments")
      .values(
        part.map((id, index) => ({
          ...{ drive_id: id, instance_id: `i${start + index}`, host: `h${index % hosts}`, state: "ATTACHED" as const },
          ...{
            desired_generation: 1,
            observed_generation: 1,
            device_kind: "cdrom" as const,
            device_bus: "scsi" as const,
          },
          ...{ device_name: "d", device_reason: "", created_at: time },
        })),
      )
      .execute();
  }
  for (const id of ids.slice(0, 5)) {
    await db
      .insertInto("operations")
      .values({
        ...{ id: randomUUID(), drive_id: id, owner: "nobody", kind: "refresh", failure: null, force: 0 },
        ...{ project_id: null, request_id: null, started_at: time },
      })
      .execute();
  }
  await db.updateTable("event_counter").set({ newest: drives }).execute();
  return ids.toSorted();
}
