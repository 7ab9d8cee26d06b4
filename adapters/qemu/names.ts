/**
 * How a drive is known inside QEMU. Both names are well-formed QEMU ids: a letter first, then letters, digits, `-`, `.` and `_`.
 * The block node's name carries drive and generation, so that what a guest sees can be told from QEMU alone, whoever restarted.
 */

const DEVICE_PREFIX = "configdrive-";
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const DEVICE_IN_PATH = new RegExp(`(?:^|/)${DEVICE_PREFIX}(${UUID})(?:/|$)`);
const NODE = /^cd([A-Za-z0-9_-]{22})\.([0-9a-z]{1,6})$/;
/** Node names hold 31 characters at most: 2 of prefix, 22 of drive id, a dot, 6 of generation. */
const MAX_GENERATION = 36 ** 6 - 1;

/** The qdev id of a drive's device. */
export function deviceId(driveId: string): string {
  return DEVICE_PREFIX + driveId;
}

/** The drive whose device a `qdev` value of query-block speaks of: the id itself, or a QOM path with the id as one part. */
export function driveOfDevice(qdev: string): string | undefined {
  return DEVICE_IN_PATH.exec(qdev)?.[1];
}

/** The name of the block node that reads one generation: the drive's 128 bits in base64url, the generation in base 36. */
export function nodeName(driveId: string, generation: number): string {
  if (!new RegExp(`^${UUID}$`).test(driveId)) throw new RangeError(`drive id ${driveId} is not a lower-case UUID`);
  if (!Number.isInteger(generation) || generation < 1 || generation > MAX_GENERATION) {
    throw new RangeError(`generation ${generation} is not between 1 and ${MAX_GENERATION}`);
  }
  return `cd${Buffer.from(driveId.replaceAll("-", ""), "hex").toString("base64url")}.${generation.toString(36)}`;
}

/** The drive and generation behind a block node's name; `undefined` for a node that is not ours. */
export function parseNodeName(name: string): { driveId: string; generation: number } | undefined {
  const match = NODE.exec(name);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const hex = Buffer.from(match[1], "base64url").toString("hex");
  const driveId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  return { driveId, generation: Number.parseInt(match[2], 36) };
}
