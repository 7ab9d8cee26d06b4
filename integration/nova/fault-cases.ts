import type { DebianRelease } from "../rigs/docker.js";
import { NovaCloud } from "../rigs/nova-cloud.js";
import { type Found, faultScript } from "./fault-script.js";

/** `[configdrive_bridge]` for these: a service that is away is no reason for nova to do anything else than alone. */
const FALLING_BACK = { OS_CONFIGDRIVE_BRIDGE__WHEN_UNAVAILABLE: "build" };
const STOCK = { OS_DEFAULT__COMPUTE_DRIVER: "libvirt.LibvirtDriver" };

/** The same faults befall the same servers with our driver and with nova's own; what nova says of them afterwards must not differ. */
export function faultCases(release: DebianRelease): void {
  test("after the same faults nova says the same of its servers with our driver and with its own", async () => {
    const found = await played(release, true);
    expect(found).toEqual(await played(release, false));
  }, 1_800_000);
}

/** Plays the script on a cloud of its own. */
async function played(release: DebianRelease, ours: boolean): Promise<Found> {
  const environment = ours ? FALLING_BACK : STOCK;
  await using cloud = await NovaCloud.start({ release, computes: 1, service: true, environment });
  return await faultScript(cloud, ours);
}
