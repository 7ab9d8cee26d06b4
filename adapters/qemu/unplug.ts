import { Refusal } from "#drive/refusal.js";
import { refusalFromSignal } from "../wait-ended.js";
import { findDevice } from "./blocks.js";
import type { QmpEvent } from "./qmp.js";
import type { Session } from "./session.js";

/** A guest that is still booting misses the first request, so it is asked again. */
const ASK_AGAIN_MS = 5000;

/**
 * Takes a device from the guest and returns once QEMU says that it is gone (DEVICE_DELETED, or no longer in query-block).
 * A guest that does not let go within the session's limit, or refuses, is DEVICE_BUSY: it then still has the device. QEMU has
 * no way to take the request back, so that the guest may let go later.
 */
export async function unplug(session: Session, driveId: string, device: string): Promise<void> {
  const limit = AbortSignal.timeout(session.limits.unplugMs);
  while ((await findDevice(session, driveId)) !== undefined) {
    const outcome = await ask(session, device, limit);
    if (outcome === "gone") return;
    if (outcome === "refused") throw busy(session, device, "the guest refused to let it go");
    if (limit.aborted && (await findDevice(session, driveId)) !== undefined) {
      throw busy(session, device, `the guest did not let it go within ${session.limits.unplugMs} ms`);
    }
  }
}

async function ask(session: Session, device: string, limit: AbortSignal): Promise<"gone" | "refused" | "silent"> {
  const until = AbortSignal.any([session.signal, limit, AbortSignal.timeout(ASK_AGAIN_MS)]);
  if (until.aborted) return silent(session);
  const events = session.listen(until);
  try {
    await session.do("device_del", { id: device });
  } catch (error) {
    if (!isUnderWay(error)) throw error;
  }
  try {
    for await (const event of events) {
      if (concerns(event, "DEVICE_DELETED", device)) return "gone";
      if (concerns(event, "DEVICE_UNPLUG_GUEST_ERROR", device)) return "refused";
    }
  } catch (error) {
    if (!until.aborted) throw error;
  }
  return silent(session);
}

/** Neither event came: the caller's own deadline ends the wait, a lost monitor shows at the next command. */
function silent(session: Session): "silent" {
  if (session.signal.aborted) throw refusalFromSignal(session.signal, `taking a device from ${session.instanceId}`);
  return "silent";
}

function concerns(event: QmpEvent, name: string, device: string): boolean {
  return event.event === name && event.data.device === device;
}

/** An earlier request is still with the guest, or the device went between the look and the request. */
function isUnderWay(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false;
  return error.reason === "DEVICE_BUSY" || error.metadata.qmp_class === "DeviceNotFound";
}

function busy(session: Session, device: string, why: string): Refusal {
  return new Refusal("DEVICE_BUSY", `instance ${session.instanceId} keeps ${device}: ${why}`, {
    metadata: { hypervisor: "qemu", instance_id: session.instanceId, device },
  });
}
