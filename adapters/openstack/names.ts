/**
 * How a drive is known in OpenStack: its volume, and the image that fills it, are called after it; which generation a volume
 * holds stands in its metadata.
 */

const PREFIX = "configdrive-";

/** What a volume of ours has in its metadata. A volume of somebody else's that has the name is not touched. */
export const DRIVE_KEY = "configdrive_drive";
export const GENERATION_KEY = "configdrive_generation";
export const BYTES_KEY = "configdrive_bytes";

/** The name of a drive's volumes and images: the same for every generation. */
export function nameOf(driveId: string): string {
  return PREFIX + driveId;
}

/** The tag of a server that the service has made for an instance: nova gives servers ids of its own. */
export function tagOf(instanceId: string): string {
  return `${PREFIX}instance-${instanceId}`;
}
