import type { Device } from "#drive/drive.js";
import type { DeviceForm, DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { type Reason, Refusal } from "#drive/refusal.js";
import type { Look, Use } from "../node.js";
import { stageOf } from "../states.js";
import type { Bay } from "./bay.js";
import type { ImageServer } from "./image-server.js";

/** Virtual media as a guest sees it: BMCs plug it in as a USB CD. */
export const MEDIA_FORM: DeviceForm = { kind: "cdrom", bus: "usb" };

/** A CD is read in sectors of 2048 bytes; what is left over at its end is lost to the guest. */
const CD_SECTOR_BYTES = 2048;

/** Whether an image goes as virtual media: where it is wished for, and by itself to a node that is deployed, where it can. */
export function wishesMedia({ media }: Use, { state }: Look, { sizeBytes }: PlacedImage, { kind, bus }: DeviceWish) {
  if (kind !== undefined) return kind === MEDIA_FORM.kind;
  if (bus !== undefined) return bus === MEDIA_FORM.bus;
  return media !== undefined && stageOf(state) === "deployed" && sizeBytes % CD_SECTOR_BYTES === 0;
}

/** The name of a node's CD: it tells which node it is also when the instance has gone from it. */
export function mediaName(nodeUuid: string): string {
  return `cdrom-${nodeUuid}`;
}

/** The node in the name of a CD; `undefined` for another name. */
export function nodeIn(deviceName: string): string | undefined {
  return /^cdrom-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(deviceName)?.[1];
}

/** Chooses the node's CD. Refuses with BUS_NOT_AVAILABLE, DEVICE_BUSY and INSTANCE_NOT_RUNNING, saying what would work. */
export async function chooseMedia(bay: Bay, look: Look, image: PlacedImage, wish: DeviceWish): Promise<Device> {
  const { use } = bay.node;
  if ((wish.bus ?? MEDIA_FORM.bus) !== MEDIA_FORM.bus) {
    const why = `a BMC has no cdrom on ${wish.bus}; would work: cdrom on ${MEDIA_FORM.bus}`;
    throw refused(use.instanceId, "BUS_NOT_AVAILABLE", why);
  }
  if (image.sizeBytes % CD_SECTOR_BYTES !== 0) {
    const whole = Math.ceil(image.sizeBytes / CD_SECTOR_BYTES) * CD_SECTOR_BYTES;
    const why = `a cdrom has whole sectors of ${CD_SECTOR_BYTES} bytes, and this image has ${image.sizeBytes} bytes; would work: ${whole} bytes`;
    throw refused(use.instanceId, "BUS_NOT_AVAILABLE", why);
  }
  requireServer(use);
  requireDeployed(use, look);
  requireOwnMedia(use, look, await bay.inserted(), image.driveId);
  const asked = wish.kind !== undefined || wish.bus !== undefined;
  const why = asked ? (wish.why ?? "asked for") : "the node is deployed";
  return { ...MEDIA_FORM, name: mediaName(look.uuid), reason: `${why}; virtual media, inserted by the node's BMC` };
}

/** What hands images to conductors. Refuses with BUS_NOT_AVAILABLE where nothing does. */
export function requireServer({ media, instanceId }: Use): ImageServer {
  if (media !== undefined) return media;
  const why =
    "Ironic's conductors fetch virtual media from this service, which serves none; would work: set [ironic] media_listen and media_url, or disk on scsi";
  throw refused(instanceId, "BUS_NOT_AVAILABLE", why);
}

/** Refuses with INSTANCE_NOT_RUNNING a node on which no instance runs: deploys and cleaning need the CD for themselves. */
export function requireDeployed({ instanceId }: Use, { state }: Look): void {
  if (stageOf(state) === "deployed") return;
  const why = `its node is ${state}, and virtual media goes to an active one; would work: deploy the node first, or disk on scsi`;
  throw refused(instanceId, "INSTANCE_NOT_RUNNING", why);
}

/** Refuses with DEVICE_BUSY a node with a CD that is not this drive's. @param inserted - as the BMC tells */
export function requireOwnMedia(
  { instanceId }: Use,
  { media }: Look,
  inserted: readonly string[],
  driveId: string,
): void {
  const busy = (what: string) =>
    refused(instanceId, "DEVICE_BUSY", `its node has ${what}; would work: take that away first`);
  // Of an instance that has gone, with its CD.
  const stale = media !== undefined && media.instance !== instanceId && inserted.length === 0;
  if (media === undefined || stale) {
    if (inserted.length > 0) throw busy("a CD inserted that is not ours");
    return;
  }
  if (media.instance !== instanceId) throw busy(`drive ${media.drive} of instance ${media.instance} as its CD`);
  if (media.drive !== driveId) throw busy(`drive ${media.drive} as its CD, and a node has one`);
  if (inserted.some((image) => isForeign(media.image, image))) throw busy("a CD inserted that is not ours");
}

/** Whether a medium is another one than ours; while ours is being changed, its address is not known. */
export function isForeign(ours: string | undefined, image: string): boolean {
  return ours !== undefined && image !== ours;
}

function refused(instanceId: string, reason: Reason, why: string): Refusal {
  return new Refusal(reason, `instance ${instanceId}: ${why}`, {
    metadata: { hypervisor: "ironic", instance_id: instanceId },
  });
}
