import { type Attachment, type Drive, type Generation, leftoverOf } from "#drive/drive.js";
import type { Operation } from "#drive/operation.js";
import type { AttachmentRow, DriveRow, GenerationRow, OperationRow } from "./schema.js";

/** A drive out of its rows; the generations come in order. */
export function toDrive(
  row: DriveRow,
  generations: readonly GenerationRow[],
  attachments: readonly AttachmentRow[],
): Drive {
  return {
    id: row.id,
    projectId: row.project_id,
    deleteOnTermination: row.delete_on_termination !== 0,
    writable: row.writable !== 0,
    deleting: row.deleting !== 0,
    lastInstanceId: row.last_instance_id,
    revision: row.revision,
    generations: generations.map(toGeneration),
    attachments: attachments.map(toAttachment),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

/** The row of the drive itself. */
export function ofDrive(drive: Drive): DriveRow {
  return {
    id: drive.id,
    project_id: drive.projectId,
    delete_on_termination: Number(drive.deleteOnTermination),
    writable: Number(drive.writable),
    deleting: Number(drive.deleting),
    last_instance_id: drive.lastInstanceId,
    leftover: leftoverOf(drive),
    revision: drive.revision,
    created_at: drive.createdAt.getTime(),
    updated_at: drive.updatedAt.getTime(),
  };
}

function toGeneration(row: GenerationRow): Generation {
  return {
    number: row.number,
    state: row.state,
    format: row.format,
    label: row.label,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    createdAt: new Date(row.created_at),
    failureReason: row.failure_reason,
  };
}

/** The row of one generation. */
export function ofGeneration(driveId: string, generation: Generation): GenerationRow {
  return {
    drive_id: driveId,
    number: generation.number,
    state: generation.state,
    format: generation.format,
    label: generation.label,
    size_bytes: generation.sizeBytes,
    sha256: generation.sha256,
    created_at: generation.createdAt.getTime(),
    failure_reason: generation.failureReason,
  };
}

function toAttachment(row: AttachmentRow): Attachment {
  return {
    instanceId: row.instance_id,
    host: row.host,
    state: row.state,
    desiredGeneration: row.desired_generation,
    observedGeneration: row.observed_generation,
    device: { kind: row.device_kind, bus: row.device_bus, name: row.device_name, reason: row.device_reason },
    createdAt: new Date(row.created_at),
  };
}

/** The row of one attachment. */
export function ofAttachment(driveId: string, attachment: Attachment): AttachmentRow {
  return {
    drive_id: driveId,
    instance_id: attachment.instanceId,
    host: attachment.host,
    state: attachment.state,
    desired_generation: attachment.desiredGeneration,
    observed_generation: attachment.observedGeneration,
    device_kind: attachment.device.kind,
    device_bus: attachment.device.bus,
    device_name: attachment.device.name,
    device_reason: attachment.device.reason,
    created_at: attachment.createdAt.getTime(),
  };
}

/** An operation out of its row. */
export function toOperation(row: OperationRow): Operation {
  return {
    id: row.id,
    driveId: row.drive_id,
    kind: row.kind,
    failure: row.failure ?? undefined,
    force: row.force !== 0,
    request:
      row.project_id === null || row.request_id === null
        ? undefined
        : { projectId: row.project_id, requestId: row.request_id },
    startedAt: new Date(row.started_at),
  };
}

/** The row of an operation, but for whose it is. */
export function ofOperation(operation: Operation): Omit<OperationRow, "owner"> {
  return {
    id: operation.id,
    drive_id: operation.driveId,
    kind: operation.kind,
    failure: operation.failure ?? null,
    force: Number(operation.force),
    project_id: operation.request?.projectId ?? null,
    request_id: operation.request?.requestId ?? null,
    started_at: operation.startedAt.getTime(),
  };
}
