/**
 * How a drive is known inside libvirt: by the alias of its disk. An alias of a user's own begins with `ua-`, may have letters,
 * digits, `-` and `_`, and is kept in the live and in the stored description of a domain (formatdomain, "Devices"), so that
 * drive and generation can be told from libvirt alone, whoever restarted.
 */

const PREFIX = "ua-configdrive-";
const ALIAS = new RegExp(
  `^${PREFIX}([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})-([1-9][0-9]{0,14})$`,
);

/** The part of the alias that stays over all generations: the device's name. */
export function deviceName(driveId: string): string {
  return PREFIX + driveId;
}

/** The alias of the disk that shows one generation. */
export function diskAlias(driveId: string, generation: number): string {
  const alias = `${deviceName(driveId)}-${generation}`;
  if (!ALIAS.test(alias))
    throw new RangeError(`${alias} is not made of a lower-case UUID and a generation of 1 or more`);
  return alias;
}

/** The drive and generation behind an alias; `undefined` for a disk that is not ours. */
export function parseAlias(alias: string): { driveId: string; generation: number } | undefined {
  const [, driveId, generation] = ALIAS.exec(alias) ?? [];
  if (driveId === undefined || generation === undefined) return undefined;
  return { driveId, generation: Number(generation) };
}

/** What the names of a drive's volumes begin with. */
export function volumePrefix(driveId: string): string {
  return `configdrive-${driveId}-`;
}

/** The name of the volume that holds one generation. */
export function volumeName(driveId: string, generation: number): string {
  return `${volumePrefix(driveId)}${generation}.img`;
}
