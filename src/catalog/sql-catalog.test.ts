import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Catalog, DriveRecord, Opening } from "#drive/catalog.js";
import type { Attachment, Drive } from "#drive/drive.js";
import type { Request } from "#drive/operation.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { openCatalog } from "./open.js";

const at = new Date("2026-01-02T03:04:05.678Z");
const device = { kind: "cdrom", bus: "scsi", name: "d", reason: "free" } as const;
let home = "";
let catalog: Catalog;
beforeEach(async () => {
  home = await privateDirectory("catalog");
  catalog = await openCatalog(
    `sqlite:///${join(home, "c.sqlite")}`,
    { pid: 1, host: "h", since: "now" },
    { newId: randomUUID },
  );
});
afterEach(async () => {
  await catalog.dispose();
  await rm(home, { recursive: true });
});

function newDrive(change: Partial<Drive> = {}): Drive {
  const generation = {
    number: 1,
    state: "BUILDING",
    format: "raw",
    label: "",
    sizeBytes: 0,
    sha256: "",
    createdAt: at,
    failureReason: "",
  } as const;
  return {
    id: randomUUID(),
    projectId: "p1",
    deleteOnTermination: true,
    writable: false,
    deleting: false,
    lastInstanceId: "",
    revision: 0,
    generations: [generation],
    attachments: [],
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

function requestFor(driveId: string, change: Partial<Request> = {}): Request {
  return { projectId: "p1", requestId: randomUUID(), method: "populate", digest: "d1", driveId, seenAt: at, ...change };
}

function opening(drive: Drive, change: Partial<Opening> = {}): Opening {
  const request = requestFor(drive.id);
  const operation = {
    id: randomUUID(),
    driveId: drive.id,
    kind: "populate",
    failure: undefined,
    force: false,
    request: { projectId: request.projectId, requestId: request.requestId },
    startedAt: at,
  } as const;
  return { request, operation, drive, from: undefined, ...change };
}

async function stored(drive: Drive): Promise<DriveRecord> {
  const record = await catalog.open(opening(drive));
  await catalog.close(record, drive, "DONE");
  return (await catalog.find(drive.id)) ?? record;
}

test("what was committed is read again, whole", async () => {
  const attachment: Attachment = {
    instanceId: "i",
    host: "h",
    state: "ATTACHED",
    desiredGeneration: 2,
    observedGeneration: 1,
    device,
    createdAt: at,
  };
  const drive = newDrive({ attachments: [attachment], writable: true, deleteOnTermination: false });
  const asked = opening(drive, {
    spec: {
      generation: 1,
      spec: { content: { kind: "blob", bytes: Buffer.from("x") }, format: "raw", label: "", sizeBytes: 7 },
    },
  });
  const record = await catalog.open(asked);
  expect(await catalog.find(drive.id)).toEqual(record);
  expect(record.drive).toEqual({ ...drive, revision: 1 });
  expect(await catalog.underWay()).toEqual([record]);
  expect(await catalog.spec(drive.id, 1)).toEqual(asked.spec?.spec);
  expect(await catalog.spec(drive.id, 2)).toBeUndefined();
});

test("a write with an old revision is refused and changes nothing", async () => {
  const old = await stored(newDrive());
  const other = { ...old.drive, writable: true };
  const record = await catalog.open(opening(other, { from: old }));
  for (const late of [
    catalog.open(opening(old.drive, { from: old })),
    catalog.advance(old, old.drive),
    catalog.close(old, undefined, "DONE"),
    catalog.close(old, old.drive, "DONE"),
  ]) {
    await expect(late).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  }
  expect(await catalog.find(old.drive.id)).toEqual(record);
});

test("a drive has one operation at most", async () => {
  const record = await catalog.open(opening(newDrive()));
  await expect(catalog.open(opening(record.drive, { from: record }))).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  const again = await catalog.find(record.drive.id);
  expect(again?.operation?.id).toBe(record.operation?.id);
});

test("a refused opening leaves no row at all", async () => {
  const first = await stored(newDrive());
  const used = requestFor(first.drive.id);
  await catalog.settle(used);
  const drive = newDrive();
  await expect(catalog.open(opening(drive, { request: { ...used, digest: "d2" } }))).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  await expect(catalog.open(opening(drive, { request: used }))).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
  expect(await catalog.find(drive.id)).toBeUndefined();
  expect(await catalog.underWay()).toEqual([]);
});

test("a request is open, then done or failed; one that failed is opened again", async () => {
  const drive = newDrive();
  const asked = opening(drive);
  const record = await catalog.open(asked);
  expect(await catalog.request(requestFor("", { requestId: asked.request?.requestId ?? "" }))).toMatchObject({
    state: "OPEN",
    driveId: drive.id,
  });
  await catalog.close(record, drive, "FAILED");
  const from = await catalog.find(drive.id);
  const again = await catalog.open({ ...asked, from });
  await catalog.close(again, undefined, "DONE");
  expect(await catalog.request(asked.request ?? requestFor(""))).toMatchObject({ state: "DONE" });
  expect(await catalog.find(drive.id)).toBeUndefined();
  expect(await catalog.request({ projectId: "p2", requestId: asked.request?.requestId ?? "" })).toBeUndefined();
});

test("only the parts that changed are written, and those that went are gone with their specs", async () => {
  const spec = { content: { kind: "blob", bytes: Buffer.from("x") }, format: "raw", label: "", sizeBytes: 0 } as const;
  const drive = newDrive();
  const record = await catalog.open(opening(drive, { spec: { generation: 1, spec } }));
  const [first] = drive.generations;
  const second = { ...first!, number: 2 };
  const both = await catalog.advance(record, { ...drive, generations: [first!, second] });
  expect((await catalog.find(drive.id))?.drive.generations).toEqual([first, second]);
  await catalog.close(both, { ...drive, generations: [{ ...second, state: "READY" }] }, "DONE");
  expect((await catalog.find(drive.id))?.drive.generations).toEqual([{ ...second, state: "READY" }]);
  expect(await catalog.spec(drive.id, 1)).toBeUndefined();
});

test("a list goes by id, within a project, from a place on, by instance, by host, and by whether somebody has it", async () => {
  const attachment = (instanceId: string): Attachment => ({
    instanceId,
    host: `host of ${instanceId}`,
    state: "ATTACHED",
    desiredGeneration: 1,
    observedGeneration: 1,
    device,
    createdAt: at,
  });
  const drives: Drive[] = [];
  for (let index = 0; index < 7; index += 1) {
    drives.push((await stored(newDrive({ attachments: index % 2 === 0 ? [attachment(`i${index % 4}`)] : [] }))).drive);
  }
  await stored(newDrive({ projectId: "p2" }));
  drives.sort((a, b) => (a.id < b.id ? -1 : 1));
  const unfiltered = { instanceId: undefined, host: undefined, attached: undefined };
  const filter = { projectId: "p1", ...unfiltered, afterId: "", limit: 3 };
  expect(await catalog.list(filter)).toEqual(drives.slice(0, 3));
  expect(await catalog.list({ ...filter, afterId: drives[2]?.id ?? "", limit: 100 })).toEqual(drives.slice(3));
  const of0 = drives.filter(({ attachments }) => attachments[0]?.instanceId === "i0");
  expect(await catalog.list({ ...filter, instanceId: "i0", limit: 100 })).toEqual(of0);
  expect(await catalog.list({ ...filter, host: "host of i0", limit: 100 })).toEqual(of0);
  expect(await catalog.list({ ...filter, host: "host of i0", instanceId: "i2" })).toEqual([]);
  expect(await catalog.list({ ...filter, attached: false, limit: 100 })).toEqual(
    drives.filter(({ attachments }) => attachments.length === 0),
  );
  expect(await catalog.list({ ...filter, attached: true, limit: 100 })).toEqual(
    drives.filter(({ attachments }) => attachments.length > 0),
  );
  expect((await catalog.attached("", 100)).map(({ drive }) => drive)).toEqual(
    drives.filter(({ attachments }) => attachments.length > 0),
  );
  const second = await catalog.attached(drives[0]?.id ?? "", 1);
  expect(second.map(({ drive }) => drive)).toEqual(
    drives
      .slice(1)
      .filter(({ attachments }) => attachments.length > 0)
      .slice(0, 1),
  );
});
