import {
  type Attachment,
  type AttachmentState,
  appliedGeneration,
  type Drive,
  type DriveState,
  driveState,
  etagOf,
  type Generation,
  type GenerationState,
  pendingGeneration,
} from "#drive/drive.js";
import {
  type Attachment as AttachmentMessage,
  AttachmentState as AttachmentStateMessage,
  type Drive as DriveMessage,
  DriveState as DriveStateMessage,
  type Generation as GenerationMessage,
  GenerationState as GenerationStateMessage,
} from "#gen/configdrive/v1/drive.js";
import { deviceMessage } from "./device.js";
import { formatMessage } from "./image-format.js";

const DRIVE_STATES: Readonly<Record<DriveState, DriveStateMessage>> = {
  BUILDING: DriveStateMessage.DRIVE_STATE_BUILDING,
  AVAILABLE: DriveStateMessage.DRIVE_STATE_AVAILABLE,
  CHANGING: DriveStateMessage.DRIVE_STATE_CHANGING,
  IN_USE: DriveStateMessage.DRIVE_STATE_IN_USE,
  FAILED: DriveStateMessage.DRIVE_STATE_FAILED,
  DELETING: DriveStateMessage.DRIVE_STATE_DELETING,
};

const GENERATION_STATES: Readonly<Record<GenerationState, GenerationStateMessage>> = {
  BUILDING: GenerationStateMessage.GENERATION_STATE_BUILDING,
  READY: GenerationStateMessage.GENERATION_STATE_READY,
  FAILED: GenerationStateMessage.GENERATION_STATE_FAILED,
};

const ATTACHMENT_STATES: Readonly<Record<AttachmentState, AttachmentStateMessage>> = {
  ATTACHING: AttachmentStateMessage.ATTACHMENT_STATE_ATTACHING,
  ATTACHED: AttachmentStateMessage.ATTACHMENT_STATE_ATTACHED,
  REFRESHING: AttachmentStateMessage.ATTACHMENT_STATE_REFRESHING,
  DETACHING: AttachmentStateMessage.ATTACHMENT_STATE_DETACHING,
};

/** A drive in the contract's words, with what is derived from its generations and attachments. */
export function driveMessage(drive: Drive): DriveMessage {
  return {
    id: drive.id,
    projectId: drive.projectId,
    state: DRIVE_STATES[driveState(drive)],
    pendingGeneration: pendingGeneration(drive)?.number ?? 0,
    appliedGeneration: appliedGeneration(drive),
    deleteOnTermination: drive.deleteOnTermination,
    writable: drive.writable,
    generations: drive.generations.map(generationMessage),
    attachments: drive.attachments.map(attachmentMessage),
    createdAt: drive.createdAt,
    updatedAt: drive.updatedAt,
    etag: etagOf(drive),
    lastInstanceId: drive.lastInstanceId,
  };
}

function generationMessage(generation: Generation): GenerationMessage {
  return {
    number: generation.number,
    state: GENERATION_STATES[generation.state],
    format: formatMessage(generation.format),
    label: generation.label,
    sizeBytes: BigInt(generation.sizeBytes),
    sha256: generation.sha256,
    createdAt: generation.createdAt,
    failureReason: generation.failureReason,
  };
}

function attachmentMessage(attachment: Attachment): AttachmentMessage {
  return {
    instanceId: attachment.instanceId,
    host: attachment.host,
    state: ATTACHMENT_STATES[attachment.state],
    desiredGeneration: attachment.desiredGeneration,
    observedGeneration: attachment.observedGeneration,
    device: deviceMessage(attachment.device),
    createdAt: attachment.createdAt,
  };
}
