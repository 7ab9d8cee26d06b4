import { refusalFor, suitedKind, suits } from "./config-data.js";
import type { Dependencies } from "./dependencies.js";
import type { Device } from "./drive.js";
import type { HostPorts } from "./hosts.js";
import type { DeviceWish, PlacedImage, Wait } from "./hypervisor.js";
import { Refusal } from "./refusal.js";

/**
 * The device that a drive gets on an instance. Of config data the guest's profile says the kind, where the caller does not: what
 * the layout's readers need is required, anything else gives way to a machine that lacks it.
 * Refusals: INVALID_ARGUMENT for a kind on which no reader would find it; those of the Hypervisor port.
 */
export async function chooseDevice(
  { catalog, hypervisor }: Pick<Dependencies, "catalog"> & Pick<HostPorts, "hypervisor">,
  instanceId: string,
  image: PlacedImage,
  wish: DeviceWish,
  wait: Wait,
): Promise<Device> {
  const spec = image.format === "raw" ? undefined : await catalog.spec(image.driveId, image.generation);
  if (spec?.content.kind !== "config_data") return await hypervisor.choose(instanceId, image, wish, wait);
  const { content } = spec;
  const kind = suitedKind(content, { format: spec.format, sizeBytes: image.sizeBytes }, wish.kind);
  const suited = wish.kind === undefined ? { ...wish, kind, why: suits(content).reason } : wish;
  try {
    return await hypervisor.choose(instanceId, image, suited, wait);
  } catch (error) {
    const isNeeded = wish.kind !== undefined || content.layout === "ovf" || content.guest === "windows";
    if (isNeeded || !(error instanceof Refusal) || error.reason !== "BUS_NOT_AVAILABLE") {
      throw refusalFor(content, error);
    }
    return await hypervisor.choose(instanceId, image, wish, wait);
  }
}
