import { begin, settle } from "./begin.js";
import { placedImage, standingImage } from "./build.js";
import type { DriveRecord } from "./catalog.js";
import { chooseDevice } from "./choose-device.js";
import type { Dependencies } from "./dependencies.js";
import { type Attachment, type Device, type Drive, pendingGeneration } from "./drive.js";
import { hostOf, requireServed } from "./host.js";
import type { Wait } from "./hypervisor.js";
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
  const { driveId, instanceId } = request;
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
      const device = await deviceOn(deps, host, record.drive, pending.number, { ...request, ...begun }, wait);
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

/** Chooses the device on the host, for the image that is brought there; nothing stays there of an attach that is not to be done. */
async function deviceOn(
  deps: Dependencies,
  host: string,
  drive: Drive,
  generation: number,
  { instanceId, kind, bus, validateOnly }: Pick<AttachDrive, "instanceId" | "kind" | "bus" | "validateOnly">,
  wait: Wait,
): Promise<Device> {
  const { hypervisor, images } = hostOf(deps, host, drive);
  const wish = { ...(kind === undefined ? {} : { kind }), ...(bus === undefined ? {} : { bus }) };
  let isWanted = false;
  try {
    // A host where no instance has the drive has no copy of its images either.
    const imageOf = deps.hosts.apart ? placedImage : standingImage;
    const image = await imageOf({ ...deps, images }, drive, generation, wait);
    const device = await chooseDevice({ ...deps, hypervisor }, instanceId, image, wish, wait);
    isWanted = validateOnly !== true;
    return device;
  } finally {
    // What cannot be removed now goes with the orphans there.
    if (!isWanted && deps.hosts.apart) await images.removeDrive(drive.id).catch(() => undefined);
  }
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
