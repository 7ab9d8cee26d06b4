import { suits } from "./config-data.js";
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
  const { format, content } = spec;
  const { kind, maxImageBytes } = suits(content, {
    format,
    ...(wish.kind === undefined ? {} : { kind: wish.kind }),
  });
  if (maxImageBytes !== undefined && image.sizeBytes > maxImageBytes) {
    const rule = `readers of a ${kind} take at most ${maxImageBytes} bytes, the image has ${image.sizeBytes}`;
    throw new Refusal("INVALID_ARGUMENT", `kind: ${rule}`, { violations: [{ field: "kind", rule }] });
  }
  if (wish.kind !== undefined) return await hypervisor.choose(instanceId, image, wish, wait);
  const why = suits(content).reason;
  try {
    return await hypervisor.choose(instanceId, image, { ...wish, kind, why }, wait);
  } catch (error) {
    const isNeeded = content.layout === "ovf" || content.guest === "windows";
    if (isNeeded || !(error instanceof Refusal) || error.reason !== "BUS_NOT_AVAILABLE") throw error;
    return await hypervisor.choose(instanceId, image, wish, wait);
  }
}
