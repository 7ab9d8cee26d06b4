import { basename, dirname } from "node:path";

/** How a drive is known in LXD: by the name of its device; the generation is the last part of the device's source. */
const PREFIX = "configdrive-";
const NAME = new RegExp(`^${PREFIX}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`);

/** The name of a drive's device: the same for every generation. */
export function deviceName(driveId: string): string {
  return PREFIX + driveId;
}

/** The drive and generation behind a device; `undefined` for one that is not ours. */
export function parseDevice(
  name: string,
  source: string,
): { readonly driveId: string; readonly generation: number } | undefined {
  const driveId = NAME.exec(name)?.[1];
  if (driveId === undefined || basename(dirname(source)) !== driveId) return undefined;
  return { driveId, generation: /^[1-9][0-9]{0,14}$/.test(basename(source)) ? Number(basename(source)) : 0 };
}
