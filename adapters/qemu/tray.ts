import { Refusal } from "#drive/refusal.js";
import type { BlockDevice } from "./blocks.js";
import type { Session } from "./session.js";

/** A guest that has mounted a cdrom has locked its tray: DEVICE_LOCKED. An open tray holds nothing. */
export function refuseLocked(session: Session, device: BlockDevice, what: "change" | "detach"): void {
  if (!device.locked || device.trayOpen) return;
  throw new Refusal(
    "DEVICE_LOCKED",
    `instance ${session.instanceId}: the guest holds ${device.qdev} locked; unmount it there, or force the ${what}`,
    { metadata: { hypervisor: "qemu", instance_id: session.instanceId, device: device.qdev } },
  );
}
