import { z } from "zod";
import { instanceDriveId } from "#drive/instance-drive-id.js";
import { deviceWithLabel, fileDigests } from "../rigs/guest-view.js";
import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";

const shown = z.object({
  drive: z.object({
    id: z.string(),
    project_id: z.string(),
    pending_generation: z.number(),
    applied_generation: z.number(),
    generations: z.array(z.object({ number: z.number(), sha256: z.string(), size_bytes: z.number() })),
    attachments: z.array(z.looseObject({ instance_id: z.string(), host: z.string() })),
  }),
});

/** A server's own drive as the service knows it. */
export type ShownDrive = z.infer<typeof shown>["drive"];

const inspected = z.object({
  image: z.object({ entries: z.array(z.object({ path: z.string(), sha256: z.string().default("") })) }),
});

/** A server's own drive, as the service on its host tells of it. */
export async function driveOf(cloud: NovaCloud, host: ComputeHost, serverId: string): Promise<ShownDrive> {
  return shown.parse(await cloud.drive(host, "show", ownDriveId(serverId))).drive;
}

/** The id of a server's own drive. */
export function ownDriveId(serverId: string): string {
  return instanceDriveId(serverId, "config");
}

/** Whether the service knows a server's own drive. */
export async function knowsDrive(cloud: NovaCloud, host: ComputeHost, serverId: string): Promise<boolean> {
  const { drives } = z.object({ drives: z.array(z.object({ id: z.string() })) }).parse(await cloud.drive(host, "list"));
  return drives.some(({ id }) => id === ownDriveId(serverId));
}

/** Whether libvirt's description of the server has the drive with its medium. */
export async function shownInDomain(cloud: NovaCloud, host: ComputeHost, serverId: string): Promise<boolean> {
  return (await cloud.run(host, "virsh", "-c", "qemu:///system", "dumpxml", serverId)).includes(novaPath(serverId));
}

/** Gives a drive new content, one file `note`, for its next refresh to show. */
export async function stageNote(cloud: NovaCloud, host: ComputeHost, driveId: string, text: string): Promise<void> {
  await cloud.run(cloud.serviceOf(host), "sh", "-c", 'mkdir -p /tmp/note && printf %s "$0" > /tmp/note/note', text);
  await cloud.drive(host, "populate", driveId, "--when-attached", "stage", "--tree", "/tmp/note");
}

/** SHA-256 of a file on a compute host. */
export async function digestOnHost(cloud: NovaCloud, host: ComputeHost, path: string): Promise<string> {
  return (await cloud.run(host, "sha256sum", path)).slice(0, 64);
}

/** Where nova keeps a server's own drive. */
export function novaPath(serverId: string): string {
  return `/var/lib/nova/instances/${serverId}/disk.config`;
}

/** What the service reads back of its newest image, every file by its digest. */
export async function inspectedDigests(
  cloud: NovaCloud,
  host: ComputeHost,
  serverId: string,
): Promise<Map<string, string>> {
  const answer = inspected.parse(await cloud.drive(host, "inspect", ownDriveId(serverId)));
  return new Map(answer.image.entries.filter(({ sha256 }) => sha256 !== "").map(({ path, sha256 }) => [path, sha256]));
}

/**
 * What the guest reads after it forgot all that it had read: every file by its digest.
 * @param running it has booted elsewhere, and was brought here as it ran
 */
export async function guestDigests(cloud: NovaCloud, serverId: string, running = false): Promise<Map<string, string>> {
  using guest = await cloud.guest(serverId, running);
  await guest.check("echo 3 > /proc/sys/vm/drop_caches");
  return await fileDigests(guest, await deviceWithLabel(guest, "config-2"));
}
