import { randomUUID } from "node:crypto";
import { openDatabase } from "#catalog/open.js";
import { SqlCatalog } from "#catalog/sql-catalog.js";
import type { Instance, InstanceOperation, InstanceWork } from "#drive/instance/instance.js";
import type { InstanceOpening } from "#drive/instance/instance-catalog.js";
import { type Databases, databaseKinds, startDatabases } from "../rigs/databases.js";
import { at, newDrive, opening } from "./records.js";

function newInstance(change: Partial<Instance> = {}): Instance {
  return {
    id: randomUUID(),
    projectId: "p1",
    reservationId: randomUUID(),
    name: "vm",
    host: "h",
    launchIndex: 0,
    state: "STARTING",
    template: '{"é": "\u{1f600}"}',
    revision: 0,
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

function openingOf(instances: readonly Instance[], change: Partial<InstanceOpening> = {}): InstanceOpening {
  const projectId = instances[0]?.projectId ?? "p1";
  const operation: InstanceOperation = {
    id: randomUUID(),
    kind: "run",
    host: "h",
    failure: undefined,
    minCount: instances.length,
    graceMs: 0,
    request: { projectId, requestId: randomUUID() },
    startedAt: at,
  };
  const request = { ...operation.request, method: "run", digest: "d", driveId: operation.id, seenAt: at };
  return {
    request,
    operation,
    instances: instances.map((instance) => ({ instance, from: undefined })),
    drives: [],
    ...change,
  };
}

describe.each(databaseKinds)("instances on %s", (kind) => {
  let databases: Databases;
  let catalog: SqlCatalog;
  /** Another service's, where one database may have two. */
  let second: SqlCatalog;
  beforeAll(async () => {
    databases = await startDatabases(kind);
    const connection = await databases.createDatabase();
    const owner = { pid: 1, host: "h", since: "now" };
    const open = async () => new SqlCatalog(await openDatabase(connection, owner, { newId: randomUUID }));
    catalog = await open();
    second = kind === "sqlite" ? catalog : await open();
  }, 120_000);
  afterAll(async () => {
    if (second !== catalog) await second?.dispose();
    await catalog?.dispose();
    await databases?.[Symbol.asyncDispose]();
  }, 60_000);

  const running = async (change: Partial<Instance> = {}) => {
    const work = await catalog.instances.open(openingOf([newInstance(change)]));
    const [instance] = await catalog.instances.close(
      work,
      [{ ...work.instances[0], state: "RUNNING" } as Instance],
      "DONE",
    );
    return instance as Instance;
  };

  test("a run is there whole, with its drives, until it is closed", async () => {
    const [first, second] = [newInstance({ launchIndex: 1 }), newInstance()];
    const drive = newDrive();
    const { request: _, ...driveOpening } = opening(drive);
    const asked = openingOf([first, second], { drives: [driveOpening] });
    const work = await catalog.instances.open(asked);
    expect(work).toEqual({
      operation: asked.operation,
      instances: [
        { ...first, revision: 1 },
        { ...second, revision: 1 },
      ],
    });
    expect(await catalog.find(drive.id)).toMatchObject({ operation: { id: driveOpening.operation.id } });
    const inOrder = { ...work, instances: [work.instances[1], work.instances[0]] };
    expect(await catalog.instances.work(asked.operation.id)).toEqual(inOrder);
    expect(await catalog.instances.underWay()).toEqual([inOrder]);
    expect(await catalog.request(asked.request)).toMatchObject({ state: "OPEN", driveId: asked.operation.id });
    const left = await catalog.instances.close(work, [{ ...second, state: "RUNNING" }], "DONE");
    expect(left).toEqual([{ ...second, state: "RUNNING", revision: 2 }]);
    expect(await catalog.instances.find(first.id)).toBeUndefined();
    expect(await catalog.instances.find(second.id)).toEqual({ instance: left[0], operationId: undefined });
    expect(await catalog.instances.work(asked.operation.id)).toBeUndefined();
    expect(await catalog.request(asked.request)).toMatchObject({ state: "DONE" });
  });

  test("one operation an instance, and one writer a revision", async () => {
    const instance = await running();
    const record = await catalog.instances.find(instance.id);
    const next = () => openingOf([], { instances: [{ instance: { ...instance, state: "STOPPING" }, from: record }] });
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => catalog.instances.open(next())));
    const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected")
        expect(outcome.reason).toMatchObject({ reason: expect.stringMatching(/_BUSY$/) });
    }
    await catalog.instances.close(won[0] as InstanceWork, [instance], "FAILED");
    await expect(catalog.instances.note({ instance, operationId: undefined }, instance)).rejects.toMatchObject({
      reason: "INSTANCE_BUSY",
    });
  });

  test("what is refused leaves nothing: no instance, no drive, no request", async () => {
    const projectId = randomUUID();
    await running({ projectId });
    const drive = newDrive({ projectId });
    const { request: _, ...driveOpening } = opening(drive);
    const asked = openingOf([newInstance({ projectId }), newInstance({ projectId })], {
      drives: [driveOpening],
      quota: 2,
    });
    await expect(catalog.instances.open(asked)).rejects.toMatchObject({ reason: "QUOTA_EXCEEDED" });
    expect(await catalog.find(drive.id)).toBeUndefined();
    expect(await catalog.request(asked.request)).toBeUndefined();
    expect(await catalog.instances.list({ projectId, reservationId: "", afterId: "", limit: 9 })).toHaveLength(1);
  });

  test("a project never has more than its limit, however many services are asked at once", async () => {
    const [limit, callers] = [3, 8];
    for (let round = 0; round < 5; round++) {
      const projectId = randomUUID();
      const outcomes = await Promise.allSettled(
        Array.from({ length: callers }, (_, index) =>
          (index % 2 === 0 ? catalog : second).instances.open(
            openingOf([newInstance({ projectId })], { quota: limit }),
          ),
        ),
      );
      const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.reason] : []));
      expect(refused).toEqual(Array.from({ length: callers - limit }, () => "QUOTA_EXCEEDED"));
    }
  });

  test("hosts are declared lost and found, and what is on each is counted", async () => {
    const host = randomUUID();
    await running({ host });
    expect(await catalog.hosts.tally(host)).toEqual({ drives: 0, instances: 1 });
    for (const _ of [1, 2]) await catalog.hosts.declareLost(host, at);
    expect(await catalog.hosts.lost()).toEqual([host]);
    for (const _ of [1, 2]) await catalog.hosts.declareFound(host);
    expect(await catalog.hosts.lost()).toEqual([]);
  });

  test("a run that turned back says why, and its request may be asked again", async () => {
    const work = await catalog.instances.open(openingOf([newInstance()]));
    const taken = await catalog.instances.takeOver(work);
    const turned = await catalog.instances.turnBack(taken, "STORAGE_FULL");
    // Whoever carried it out before comes too late with a command of then.
    expect([work, taken, turned].map(({ instances: [instance] }) => instance?.revision)).toEqual([1, 2, 3]);
    expect(await catalog.instances.work(work.operation.id)).toEqual(turned);
    await catalog.instances.close(turned, [], "FAILED");
    const { projectId, requestId } = work.operation.request;
    const again = openingOf([newInstance()]);
    const request = { ...again.request, projectId, requestId };
    const operation = { ...again.operation, request: { projectId, requestId } };
    await catalog.instances.close(await catalog.instances.open({ ...again, request, operation }), [], "DONE");
    await expect(catalog.instances.close(turned, [], "DONE")).rejects.toMatchObject({ reason: "INSTANCE_BUSY" });
  });

  test("lists by project and reservation, a page at a time; running ones by host", async () => {
    const projectId = randomUUID();
    const reservationId = randomUUID();
    const host = randomUUID();
    for (let index = 0; index < 3; index++) await running({ projectId, host, ...(index < 2 ? { reservationId } : {}) });
    const filter = { projectId, reservationId: "", afterId: "", limit: 2 };
    const page = await catalog.instances.list(filter);
    const rest = await catalog.instances.list({ ...filter, afterId: page[1]?.id ?? "" });
    expect([...page, ...rest].map(({ id }) => id)).toEqual([...page, ...rest].map(({ id }) => id).sort());
    expect(rest).toHaveLength(1);
    expect(await catalog.instances.list({ ...filter, reservationId })).toHaveLength(2);
    expect(await catalog.instances.running(host, "", 9)).toHaveLength(3);
    expect(await catalog.instances.running("elsewhere", "", 9)).toEqual([]);
    expect((await catalog.instances.countByHost()).get(host)).toBe(3);
  });
});
