import { serialOf, serials } from "../rigs/guest-volumes.js";
import type { NovaGuest } from "../rigs/nova-guest.js";
import { until } from "../rigs/wait.js";

/** What a guest reads of a volume, by its digest. */
export async function readVolume(guest: NovaGuest, volumeId: string): Promise<string> {
  await guest.check("echo 3 > /proc/sys/vm/drop_caches");
  return (await guest.check(`sha256sum ${await deviceOf(guest, volumeId)}`)).slice(0, 64);
}

/** The disk that a guest has for a volume, as soon as it sees it. */
export async function deviceOf(guest: NovaGuest, volumeId: string): Promise<string> {
  const name = await until(20_000, `the guest to see volume ${volumeId}`, async () =>
    (await serials(guest)).get(serialOf(volumeId)),
  );
  return `/dev/${name}`;
}
