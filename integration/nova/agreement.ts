import type { ComputeHost, NovaCloud } from "../rigs/nova-cloud.js";
import { until } from "../rigs/wait.js";
import {
  digestOnHost,
  driveOf,
  guestDigests,
  inspectedDigests,
  novaPath,
  ownDriveId,
  type ShownDrive,
  shownInDomain,
} from "./drive-view.js";

/** How a server came to its host. */
export interface Coming {
  /** Where it came from, and still has all that it had there: a resize that is not confirmed. */
  readonly from?: ComputeHost;
  /** It runs on without a boot. */
  readonly running?: boolean;
}

/**
 * Waits until the catalog has a server's drive on the host that the server is on now, with the newest generation; then the file
 * there has its bytes, libvirt shows it, the guest reads every byte of it, and no other host has anything of it.
 */
export async function agreesOn(
  cloud: NovaCloud,
  serverId: string,
  host: ComputeHost,
  { from, running = false }: Coming = {},
): Promise<ShownDrive> {
  expect((await cloud.hostOf(serverId)).name).toBe(host.name);
  const drive = await cloud.told(
    until(60_000, `the catalog to have the drive of ${serverId} on ${host.name}`, async () => {
      const now = await driveOf(cloud, host, serverId);
      const [attachment, ...others] = now.attachments;
      const isThere = attachment?.host === host.name && attachment.state === "ATTACHMENT_STATE_ATTACHED";
      return isThere && others.length === 0 && now.applied_generation === now.pending_generation && now;
    }),
  );
  const { sha256 } = drive.generations.find(({ number }) => number === drive.applied_generation)!;
  expect(await digestOnHost(cloud, host, novaPath(serverId))).toBe(sha256);
  expect(await shownInDomain(cloud, host, serverId)).toBe(true);
  expect(await guestDigests(cloud, serverId, running)).toEqual(await inspectedDigests(cloud, host, serverId));
  for (const other of cloud.computes) {
    if (other !== host && other !== from) await nothingOn(cloud, other, serverId);
  }
  return drive;
}

/** Waits until nothing of a server is on a host: no folder of nova's, no domain, and no image with our agent. */
export async function nothingOn(cloud: NovaCloud, host: ComputeHost, serverId: string): Promise<void> {
  const script = `find /var/lib/nova/instances -maxdepth 1 -name "$0*"
find /var/lib/configdrive/drives -path "*$1*" -type f
virsh -q -c qemu:///system list --all --uuid | grep "$0"
true`;
  let found = "";
  const isClean = async () => {
    found = await cloud.run(host, "sh", "-c", script, serverId, ownDriveId(serverId));
    return found === "";
  };
  await until(30_000, `nothing of ${serverId} to be on ${host.name}`, isClean, 300).catch((error: unknown) => {
    throw new Error(`there still is ${found}`, { cause: error });
  });
}

/** The other one of two compute hosts. */
export function otherThan(cloud: NovaCloud, host: ComputeHost): ComputeHost {
  return cloud.computes.find((candidate) => candidate !== host)!;
}
