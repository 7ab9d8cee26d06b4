import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { runningFolder } from "./folder.js";
import { linkName } from "./link.js";

/** A link is what it is, whatever is wished for; the wish is recorded. Refusals: INSTANCE_NOT_FOUND. */
export async function choose(root: string, instanceId: string, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  await runningFolder(root, instanceId);
  return {
    kind: wish.kind ?? (image.format === "iso9660" ? "cdrom" : "disk"),
    bus: wish.bus ?? "virtio",
    name: linkName(image.driveId),
    reason: "a link in the instance's folder",
  };
}
