import type { Commanded } from "./guest-commands.js";

/** virtio keeps so much of the serial number, which nova makes the volume's id. */
export function serialOf(volumeId: string): string {
  return volumeId.slice(0, 20);
}

/** A guest's virtio disks that have a serial number: the names of the devices by it. */
export async function serials(guest: Commanded): Promise<Map<string, string>> {
  const text = await guest.check('cd /sys/block; for d in vd*; do echo "$(cat $d/serial) $d"; done');
  const pairs = text.split("\n").map((line) => /^(\S+) (\S+)$/.exec(line.trim()));
  return new Map(pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], pair[2]] as const] : [])));
}
