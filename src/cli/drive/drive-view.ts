import {
  type Attachment,
  AttachmentState,
  DeviceBus,
  DeviceKind,
  type Drive,
  DriveState,
  type Generation,
  GenerationState,
  ImageFormat,
} from "#gen/configdrive/v1/drive.js";
import { type Screen, styleOfState } from "../screen.js";
import { table } from "../table.js";

/** The lines of a drive as a person likes to read it. */
export function driveView(drive: Drive | undefined, screen: Screen): string[] {
  if (drive === undefined) return [];
  return [
    `${drive.id}  ${stateView(DriveState, "DRIVE_STATE_", drive.state, screen)}`,
    `  project     ${drive.projectId === "" ? "none" : drive.projectId}`,
    `  shows       ${shows(drive)}`,
    `  stays       ${drive.deleteOnTermination ? "until its instance is gone" : "until it is deleted"}`,
    ...drive.generations.flatMap((generation) => generationView(generation, screen)),
    ...drive.attachments.flatMap((attachment) => attachmentView(attachment, screen)),
  ];
}

/** Drives as a table: id, state, generations, instances. */
export function driveTable(drives: readonly Drive[], screen: Screen): string[] {
  const rows = drives.map((drive) => {
    const state = nameOf(DriveState, "DRIVE_STATE_", drive.state);
    const instances = drive.attachments.map((attachment) => attachment.instanceId).join(", ");
    return [
      { text: drive.id },
      { text: state, style: styleOfState(state) },
      { text: shows(drive) },
      { text: instances },
    ];
  });
  return table(["DRIVE", "STATE", "SHOWS", "INSTANCES"], rows, screen);
}

/** A state by its name, in the colour that it has. */
export function stateView(
  values: Readonly<Record<string, number>>,
  prefix: string,
  value: number,
  { paint }: Screen,
): string {
  const name = nameOf(values, prefix, value);
  return paint(styleOfState(name), name);
}

function shows({ appliedGeneration: applied, pendingGeneration: pending }: Drive): string {
  if (pending === 0) return "nothing";
  if (applied === 0) return `generation ${pending} when attached`;
  return applied === pending ? `generation ${applied}` : `generation ${applied}; ${pending} after a refresh or restart`;
}

function generationView(
  { number, state, format, label, sizeBytes, sha256, createdAt, failureReason }: Generation,
  screen: Screen,
): string[] {
  const name = stateView(GenerationState, "GENERATION_STATE_", state, screen);
  const what = [nameOf(ImageFormat, "IMAGE_FORMAT_", format).toLowerCase(), label]
    .filter((text) => text !== "")
    .join(" ");
  const ready = state === GenerationState.GENERATION_STATE_READY;
  return [
    `  generation  ${number} ${name}${failureReason === "" ? "" : ` (${failureReason})`}: ${what}, asked for ${createdAt?.toISOString() ?? "?"}`,
    ...(ready ? [`              ${sizeBytes.toLocaleString("en-US")} bytes, sha256 ${sha256}`] : []),
  ];
}

function attachmentView({ instanceId, host, state, device, observedGeneration }: Attachment, screen: Screen): string[] {
  const name = stateView(AttachmentState, "ATTACHMENT_STATE_", state, screen);
  const seen = observedGeneration === 0 ? "nothing yet" : `generation ${observedGeneration}`;
  const lines = [`  instance    ${instanceId}${host === "" ? "" : ` on ${host}`}: ${name}, sees ${seen}`];
  if (device === undefined) return lines;
  const kind = nameOf(DeviceKind, "DEVICE_KIND_", device.kind).toLowerCase();
  const bus = nameOf(DeviceBus, "DEVICE_BUS_", device.bus).toLowerCase();
  return [...lines, `              ${kind} on ${bus} (${device.name}): ${device.reason}`];
}

/** The name of an enum's value without its prefix; the number where this program is older than the service. */
export function nameOf(values: Readonly<Record<string, number>>, prefix: string, value: number): string {
  const name = Object.keys(values).find((key) => values[key] === value);
  return name?.replace(prefix, "") ?? String(value);
}
