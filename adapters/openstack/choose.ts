import { z } from "zod";
import type { Device, DeviceBus } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { nameOf } from "./names.js";
import type { Server } from "./server.js";
import { OpenstackError } from "./session.js";
import type { Use } from "./use.js";
import { gibFor, readVolume } from "./volume.js";

/** The image property by which nova puts disks onto a bus (Glance, "Useful image properties"). */
const PROPERTY = "hw_disk_bus";
const properties = z.object({ [PROPERTY]: z.string().optional() });
/** What takes a disk while its machine runs. */
const PLUGGABLE: readonly DeviceBus[] = ["virtio", "scsi", "usb"];
const BUSES: readonly DeviceBus[] = [...PLUGGABLE, "sata", "ide"];

/** A bus, and why that one. */
interface Bus {
  readonly bus: DeviceBus;
  readonly why: string;
}

/** A volume is a disk on the bus that the server's own disks have. Refuses with BUS_NOT_AVAILABLE, saying what would work. */
export async function choose(server: Server, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const { use, imageId, status } = server;
  const found = busIn(imageId === undefined ? await rootVolume(server) : await imageProperties(use, imageId));
  if (status !== "SHUTOFF" && !PLUGGABLE.includes(found.bus)) {
    const takesNone = `its image has ${PROPERTY} = ${found.bus}, which takes no disk while the server runs`;
    throw refused(use, `${takesNone}; would work: a server that is stopped`);
  }
  return deviceOn(found, use, image, wish);
}

/** The same for a server that is still to be made of an image, or of what is not known. Refuses as `choose`. */
export async function chooseAtStart(
  use: Use,
  imageId: string | undefined,
  image: Pick<PlacedImage, "driveId" | "sizeBytes">,
  wish: DeviceWish,
): Promise<Device> {
  return deviceOn(busIn(imageId === undefined ? {} : await imageProperties(use, imageId)), use, image, wish);
}

function deviceOn(
  { bus, why }: Bus,
  use: Use,
  { driveId, sizeBytes }: Pick<PlacedImage, "driveId" | "sizeBytes">,
  wish: DeviceWish,
): Device {
  const works = `would work: disk on ${bus}`;
  if (wish.kind === "cdrom") throw refused(use, `nova shows a volume as a disk and as nothing else; ${works}`);
  if (wish.bus !== undefined && wish.bus !== bus)
    throw refused(use, `nova puts its volumes on ${bus} (${why}); ${works}`);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const size = `a volume of ${gibFor(sizeBytes)} GiB, since volumes have whole ones, for ${sizeBytes} bytes`;
  return { kind: "disk", bus, name: nameOf(driveId), reason: `${asked ? (wish.why ?? "asked for") : why}; ${size}` };
}

function busIn(known: unknown): Bus {
  const asked = properties.safeParse(known).data?.[PROPERTY];
  const bus = BUSES.find((one) => one === asked);
  if (bus !== undefined) return { bus, why: `its image has ${PROPERTY} = ${bus}` };
  return { bus: "virtio", why: `its image has no ${PROPERTY}` };
}

/** An image may have been deleted since: then nova goes by what it remembers, and nobody can see that. */
async function imageProperties(use: Use, imageId: string): Promise<unknown> {
  return await use.session.call("image", "GET", `/images/${imageId}`, use.signal).catch((error: unknown) => {
    if (error instanceof OpenstackError && [403, 404].includes(error.status)) return {};
    throw error;
  });
}

/** A server that boots from a volume has the properties of the image which that was made of. */
async function rootVolume(server: Server): Promise<unknown> {
  for (const id of (await server.volumes()).keys()) {
    const volume = await readVolume(server.use, id);
    if (volume !== undefined && volume.driveId === undefined && PROPERTY in volume.imageProperties) {
      return volume.imageProperties;
    }
  }
  return {};
}

function refused(use: Use, why: string): Refusal {
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${use.instanceId}: ${why}`, {
    metadata: { hypervisor: "openstack", instance_id: use.instanceId },
  });
}
