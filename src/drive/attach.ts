import { begin, settle } from "./begin.js";
import { standingImage } from "./build.js";
import type { DriveRecord } from "./catalog.js";
import { chooseDevice } from "./choose-device.js";
import type { Dependencies } from "./dependencies.js";
import { type Attachment, pendingGeneration } from "./drive.js";
import { hostOf, requireServed } from "./host.js";
import { mutate } from "./mutate.js";
import { idleDrive } from "./own-drive.js";
import { Refusal } from "./refusal.js";
import type { Outcome, Running } from "./running.js";
import type { Turns } from "./turns.js";
import type { AttachDrive, Call } from "./use-cases.js";

/**
 * Shows a drive's pending generation to an instance, and gives it when the hypervisor shows it. The same instance again is a
 * success. One instance is served at a time, so that two drives are never given the same free slot.
 */
export async function attach(
  deps: Dependencies,
  running: Running,
  turns: Turns,
  request: AttachDrive,
  call: Call,
): Promise<Outcome> {
  const { driveId, instanceId, kind, bus } = request;
  return await mutate(deps, running, "attach", { ...request }, call, async (begun) => {
    const { signal } = begun;
    return await turns.take(instanceId, signal, async () => {
      const record = await idleDrive(deps, driveId, begun);
      requireServed(deps, request.host);
      if (hasAlready(record, request)) {
        return await settle(deps, begun, driveId, record);
      }
      const pending = pendingGeneration(record.drive);
      if (pending === undefined) {
        throw new Refusal("DRIVE_NOT_READY", `drive ${driveId} has no generation that is ready`, {
          metadata: { drive_id: driveId },
        });
      }
      const wait = { signal: AbortSignal.any([signal, AbortSignal.timeout(deps.limits.operationMs)]) };
      const host = request.host || (await deps.hosts.hostOf(instanceId, wait));
      const { hypervisor, images } = hostOf(deps, host, record.drive);
      const image = await standingImage({ ...deps, images }, record.drive, pending.number, wait);
      const wish = { ...(kind === undefined ? {} : { kind }), ...(bus === undefined ? {} : { bus }) };
      const device = await chooseDevice({ ...deps, hypervisor }, instanceId, image, wish, wait);
      const at = deps.now();
      const attachment: Attachment = {
        instanceId,
        host,
        state: "ATTACHING",
        desiredGeneration: pending.number,
        observedGeneration: 0,
        device,
        createdAt: at,
      };
      const drive = { ...record.drive, attachments: [attachment], updatedAt: at };
      return await begin(deps, running, "attach", begun, { drive, from: record });
    });
  });
}

/** Whether the instance has the drive in a way that fits the request. Refusals: ATTACHED_ELSEWHERE, DRIVE_ATTACHED. */
function hasAlready({ drive }: DriveRecord, { instanceId, host, kind, bus }: AttachDrive): boolean {
  const [holder] = drive.attachments;
  if (holder === undefined) return false;
  const metadata = { drive_id: drive.id, instance_id: holder.instanceId, host: holder.host };
  if (holder.instanceId !== instanceId) {
    throw new Refusal("ATTACHED_ELSEWHERE", `drive ${drive.id} is attached to instance ${holder.instanceId}`, {
      metadata,
    });
  }
  if ((host || holder.host) !== holder.host) {
    throw new Refusal(
      "ATTACHED_ELSEWHERE",
      `instance ${instanceId} has drive ${drive.id} on host ${holder.host}, not ${host}`,
      { metadata },
    );
  }
  if ((kind ?? holder.device.kind) !== holder.device.kind || (bus ?? holder.device.bus) !== holder.device.bus) {
    const has = `${holder.device.kind} on ${holder.device.bus}`;
    throw new Refusal("DRIVE_ATTACHED", `instance ${instanceId} has drive ${drive.id} already, as ${has}`, {
      metadata,
    });
  }
  return true;
}
