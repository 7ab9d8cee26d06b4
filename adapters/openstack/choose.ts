import { z } from "zod";
import type { Device, DeviceBus } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Refusal } from "#drive/refusal.js";
import { nameOf } from "./names.js";
import type { Server } from "./server.js";
import { OpenstackError } from "./session.js";
import { gibFor, readVolume } from "./volume.js";

/** The image property by which nova puts disks onto a bus (Glance, "Useful image properties"). */
const PROPERTY = "hw_disk_bus";
const properties = z.object({ [PROPERTY]: z.string().optional() });
/** What takes a disk while its machine runs. */
const PLUGGABLE: readonly DeviceBus[] = ["virtio", "scsi", "usb"];
const BUSES: readonly DeviceBus[] = [...PLUGGABLE, "sata", "ide"];

/** A volume is a disk on the bus that the server's own disks have. Refuses with BUS_NOT_AVAILABLE, saying what would work. */
export async function choose(server: Server, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const { bus, why } = await busOf(server);
  const off = server.status === "SHUTOFF";
  if (!off && !PLUGGABLE.includes(bus)) {
    throw refused(
      server,
      `its image has ${PROPERTY} = ${bus}, which takes no disk while the server runs; would work: a server that is stopped`,
    );
  }
  const works = `would work: disk on ${bus}`;
  if (wish.kind === "cdrom") throw refused(server, `nova shows a volume as a disk and as nothing else; ${works}`);
  if (wish.bus !== undefined && wish.bus !== bus)
    throw refused(server, `nova puts its volumes on ${bus} (${why}); ${works}`);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const size = `a volume of ${gibFor(image.sizeBytes)} GiB, since volumes have whole ones, for ${image.sizeBytes} bytes`;
  const reason = `${asked ? (wish.why ?? "asked for") : why}; ${size}`;
  return { kind: "disk", bus, name: nameOf(image.driveId), reason };
}

async function busOf(server: Server): Promise<{ readonly bus: DeviceBus; readonly why: string }> {
  const known = await (server.imageId === undefined ? rootVolume(server) : imageProperties(server, server.imageId));
  const asked = properties.safeParse(known).data?.[PROPERTY];
  const bus = BUSES.find((one) => one === asked);
  if (bus !== undefined) return { bus, why: `its image has ${PROPERTY} = ${bus}` };
  return { bus: "virtio", why: `its image has no ${PROPERTY}` };
}

/** An image may have been deleted since: then nova goes by what it remembers, and nobody can see that. */
async function imageProperties({ use }: Server, imageId: string): Promise<unknown> {
  return await use.session.call("image", "GET", `/images/${imageId}`, use.signal).catch((error: unknown) => {
    if (error instanceof OpenstackError && [403, 404].includes(error.status)) return {};
    throw error;
  });
}

/** A server that boots from a volume has the properties of the image which that was made of. */
async function rootVolume(server: Server): Promise<unknown> {
  for (const id of await server.volumes()) {
    const volume = await readVolume(server.use, id);
    if (volume !== undefined && volume.driveId === undefined && PROPERTY in volume.imageProperties) {
      return volume.imageProperties;
    }
  }
  return {};
}

function refused({ use }: Server, why: string): Refusal {
  return new Refusal("BUS_NOT_AVAILABLE", `instance ${use.instanceId}: ${why}`, {
    metadata: { hypervisor: "openstack", instance_id: use.instanceId },
  });
}
