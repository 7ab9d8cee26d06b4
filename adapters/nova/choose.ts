import { z } from "zod";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage, Wait } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import type { ComputePlugin } from "./compute-plugin.js";

const answer = z.object({
  kind: z.enum(["cdrom", "disk"]),
  bus: z.enum(["virtio", "scsi", "usb", "ide", "sata"]),
  name: z.string(),
});

/**
 * The device that nova gave the instance's own drive: nova chooses it, here it is only looked up. Refuses with
 * BUS_NOT_AVAILABLE another kind or bus than that, and a drive that is not the instance's own.
 */
export async function choose(
  plugin: ComputePlugin,
  instanceId: string,
  { driveId }: PlacedImage,
  wish: DeviceWish,
  wait: Wait,
): Promise<Device> {
  const { kind, bus, name } = answer.parse(
    await plugin.ask("choose_device", { instance_id: instanceId, drive_id: driveId }, wait),
  );
  if ((wish.kind ?? kind) !== kind || (wish.bus ?? bus) !== bus) {
    throw new Refusal("BUS_NOT_AVAILABLE", `nova gave instance ${instanceId} its drive as ${kind} on ${bus}`, {
      metadata: { hypervisor: "nova", instance_id: instanceId },
    });
  }
  return { kind, bus, name, reason: "nova chose it" };
}
