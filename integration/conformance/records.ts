import { randomUUID } from "node:crypto";
import type { Catalog, DriveFilter, DriveRecord, Opening } from "#drive/catalog.js";
import type { Attachment, Drive } from "#drive/drive.js";
import type { Request } from "#drive/operation.js";

export const at = new Date("2026-01-02T03:04:05.678Z");

/** The first page of a project's drives, none left out. */
export const everyDrive: DriveFilter = {
  ...{ projectId: "p1", instanceId: undefined, host: undefined, attached: undefined, afterId: "", limit: 100 },
};

/** A drive that was asked for, with its first generation; `change` says what is other. */
export function newDrive(change: Partial<Drive> = {}): Drive {
  return {
    id: randomUUID(),
    projectId: "p1",
    deleteOnTermination: true,
    writable: false,
    deleting: false,
    lastInstanceId: "",
    revision: 0,
    generations: [
      {
        number: 1,
        state: "BUILDING",
        format: "raw",
        label: "",
        sizeBytes: 0,
        sha256: "",
        createdAt: at,
        failureReason: "",
      },
    ],
    attachments: [],
    createdAt: at,
    updatedAt: at,
    ...change,
  };
}

export function attachmentTo(instanceId: string, host = "h"): Attachment {
  return {
    instanceId,
    host,
    state: "ATTACHED",
    desiredGeneration: 1,
    observedGeneration: 1,
    device: { kind: "cdrom", bus: "scsi", name: "d", reason: "é, free" },
    createdAt: at,
  };
}

export function requestFor(driveId: string, change: Partial<Request> = {}): Request {
  return { projectId: "p1", requestId: randomUUID(), method: "populate", digest: "d1", driveId, seenAt: at, ...change };
}

/** What opens an operation on a drive, with a request of its own. */
export function opening(drive: Drive, change: Partial<Opening> = {}): Opening {
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

/** A drive with nothing under way. */
export async function stored(catalog: Catalog, drive: Drive): Promise<DriveRecord> {
  await catalog.close(await catalog.open(opening(drive)), drive, "DONE");
  const record = await catalog.find(drive.id);
  if (record === undefined) throw new Error(`drive ${drive.id} was stored and is not there`);
  return record;
}
