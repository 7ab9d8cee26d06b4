import type { Device } from "#drive/drive.js";
import type { DeviceWish } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { Container } from "./container.js";
import { deviceName } from "./names.js";

/** A folder is what a container gets, called a disk on virtio; another kind or bus is refused with BUS_NOT_AVAILABLE. */
export function choose({ use }: Container, driveId: string, wish: DeviceWish): Device {
  if ((wish.kind ?? "disk") !== "disk" || (wish.bus ?? "virtio") !== "virtio") {
    throw new Refusal(
      "BUS_NOT_AVAILABLE",
      `instance ${use.instanceId}: a container has no ${wish.kind ?? "device"} on ${wish.bus ?? "any bus"}; would work: disk on virtio, which is a folder`,
      { metadata: { hypervisor: "lxd", instance_id: use.instanceId } },
    );
  }
  return { kind: "disk", bus: "virtio", name: deviceName(driveId), reason: "a container gets a folder" };
}
