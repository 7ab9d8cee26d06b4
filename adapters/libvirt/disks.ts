import { Refusal } from "#drive/refusal.js";
import type { Disk, DomainDescription } from "./domain-xml.js";
import type { Session, View } from "./session.js";

/** One view of a domain as it was read, with our disk for a drive if it is in it. */
export interface Seen {
  readonly view: View;
  readonly description: DomainDescription;
  readonly own: Disk | undefined;
}

/** Reads every view of the domain, the live one first. */
export async function look(session: Session, driveId: string): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const view of session.views) {
    const description = await session.describe(view);
    seen.push({ view, description, own: ownDisk(description, driveId) });
  }
  return seen;
}

/** The disk that shows a drive, in one description. */
export function ownDisk(description: DomainDescription, driveId: string): Disk | undefined {
  return description.disks.find(({ drive }) => drive?.driveId === driveId);
}

/** Refuses when another disk has the image file: libvirt itself takes the same file twice without a word. */
export function refuseSecondDisk(session: Session, seen: readonly Seen[], driveId: string, path: string): void {
  const disks = seen.flatMap(({ description }) => description.disks);
  const other = disks.find(({ drive, file }) => drive?.driveId !== driveId && file === path);
  if (other === undefined) return;
  throw new Refusal("DEVICE_BUSY", `instance ${session.instanceId} shows ${path} already, as ${other.target}`, {
    metadata: { hypervisor: "libvirt", instance_id: session.instanceId, device: other.target },
  });
}
