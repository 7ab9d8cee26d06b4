import { standingImage } from "../build.js";
import { carryOut } from "../carry-out.js";
import type { DriveRecord } from "../catalog.js";
import { type Drive, pendingGeneration } from "../drive.js";
import { hostOf } from "../host.js";
import type { Wait } from "../hypervisor.js";
import type { ShownDrive } from "../launcher.js";
import type { Operation, OperationKind } from "../operation.js";
import { restore } from "../reconcile.js";
import { Refusal } from "../refusal.js";
import { settledDrive } from "../settled-drive.js";
import { undisturbed } from "../undisturbed.js";
import type { InstanceContext } from "./context.js";
import type { Instance } from "./instance.js";

/** The drives that an instance has, with nothing under way: what was open on them is carried to its end. Refusals: those of `settledDrive`. */
export async function settledDrives(
  { deps, drives }: InstanceContext,
  { projectId, id }: Instance,
  stop: AbortSignal,
): Promise<readonly DriveRecord[]> {
  const settled: DriveRecord[] = [];
  for (const { drive } of await deps.catalog.ofInstance(projectId, id)) {
    const record = await settledDrive(deps, drives, drive.id, stop);
    if (record !== undefined) settled.push(record);
  }
  return settled;
}

/** The drives that an instance shall see when it starts: their images at their places. Refusals: DRIVE_NOT_READY, those of the image store. */
export async function shownDrives(
  { deps }: InstanceContext,
  records: readonly DriveRecord[],
  instanceId: string,
  wait: Wait,
): Promise<readonly ShownDrive[]> {
  const shown: ShownDrive[] = [];
  for (const { drive } of records) {
    const attachment = drive.attachments.find((each) => each.instanceId === instanceId);
    if (attachment === undefined) continue;
    const { images } = hostOf(deps, attachment.host, drive);
    const image = await standingImage({ ...deps, images }, drive, attachment.desiredGeneration, wait);
    const { revision, deleteOnTermination } = drive;
    shown.push({ revision, image, device: attachment.device, deleteOnTermination });
  }
  return shown;
}

/** Makes the pending generation of every drive the one that the instance shall see. The instance does not run. */
export async function wantPending(
  context: InstanceContext,
  records: readonly DriveRecord[],
  instanceId: string,
  stop: AbortSignal,
): Promise<void> {
  for (const from of records) {
    const pending = pendingGeneration(from.drive)?.number;
    const attachments = from.drive.attachments.map((attachment) =>
      attachment.instanceId === instanceId && pending !== undefined && attachment.desiredGeneration !== pending
        ? { ...attachment, state: "REFRESHING" as const, desiredGeneration: pending }
        : attachment,
    );
    if (attachments.every((attachment, index) => attachment === from.drive.attachments[index])) continue;
    await change(context, "refresh", from, { ...from.drive, attachments, updatedAt: context.deps.now() }, stop);
  }
}

/**
 * Writes down what the instance was seen to see of its drives. What the reconciler, or another service, does to one at that moment is
 * waited for: the caller is told of drives with nothing under way. What cannot be looked at now the reconciler looks at.
 */
export async function noteSeen(context: InstanceContext, instance: Instance, stop: AbortSignal): Promise<void> {
  const { deps, drives, turns } = context;
  for (const { drive } of await deps.catalog.ofInstance(instance.projectId, instance.id)) {
    try {
      await undisturbed(async () => {
        const record = await settledDrive(deps, drives, drive.id, stop);
        if (record !== undefined) await restore(deps, drives, turns, record, stop);
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

/**
 * Lets a drive go of an instance that is gone: deleted with it, or nobody's from then on. It never turns back.
 * Refusals: those of the image store and the hypervisor, and then the reconciler goes on with it.
 */
export async function letGo(
  context: InstanceContext,
  from: DriveRecord,
  instanceId: string,
  deleting: boolean,
  stop: AbortSignal,
): Promise<void> {
  const others = from.drive.attachments.some((attachment) => attachment.instanceId !== instanceId);
  const attachments = from.drive.attachments.map((attachment) =>
    attachment.instanceId === instanceId ? { ...attachment, state: "DETACHING" as const } : attachment,
  );
  const updatedAt = context.deps.now();
  const drive = { ...from.drive, attachments, lastInstanceId: "", deleting: deleting && !others, updatedAt };
  await change(context, "release", from, drive, stop);
}

async function change(
  { deps, drives }: InstanceContext,
  kind: OperationKind,
  from: DriveRecord,
  drive: Drive,
  stop: AbortSignal,
): Promise<void> {
  const operation: Operation = {
    id: deps.newId(),
    driveId: drive.id,
    kind,
    failure: undefined,
    force: true,
    request: undefined,
    startedAt: deps.now(),
  };
  await drives.operation(operation.id, async () =>
    carryOut(deps, await deps.catalog.open({ request: undefined, operation, drive, from }), stop),
  );
}
