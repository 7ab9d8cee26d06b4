import type { DebianRelease } from "../rigs/docker.js";
import { NovaCloud, type NovaCloudOptions } from "../rigs/nova-cloud.js";
import { attachCases } from "./attach-cases.js";
import { currentCases } from "./current-cases.js";
import { fakeDriverCases } from "./fake-driver-cases.js";
import { faultCases } from "./fault-cases.js";
import { optInCases } from "./opt-in-cases.js";
import { pluginsOwnTests } from "./plugins-own-tests.js";
import { RECLAIMING, reclaimCases } from "./reclaim-cases.js";
import { refusedContentCases } from "./refused-content-cases.js";
import { NOTIFYING, SECOND_ROAD, secondRoadCases } from "./second-road-cases.js";
import type { Setting } from "./setting.js";
import { rebuildCases, spawnCases } from "./spawn-cases.js";
import { unavailableCases } from "./unavailable-cases.js";
import { LOOKING, vanishedCases } from "./vanished-cases.js";
import { vfatCases } from "./vfat-cases.js";
import { volumeCases } from "./volume-cases.js";

const FAKE = { OS_DEFAULT__COMPUTE_DRIVER: "configdrive_bridge.FakeDriver" };
const VFAT = { OS_DEFAULT__CONFIG_DRIVE_FORMAT: "vfat" };

/** What one compute host of a release shows. */
export function oneHost(release: DebianRelease, full: boolean): void {
  // In full, volumes have a cloud of their own.
  const volumes = release === "bookworm" && !full;
  onCloud(`unmodified nova of ${release} with our driver`, { release, volumes }, (setting) => {
    if (volumes) volumeCases(setting, false);
    spawnCases(setting);
    // Of the second release the short form has the way of a drive into a guest; the rest goes the same ways as with the first.
    if (release === "bookworm" || full) {
      rebuildCases(setting);
      refusedContentCases(setting);
      attachCases(setting, full);
      if (full) currentCases(setting);
      unavailableCases(setting, full);
    }
    pluginsOwnTests(setting);
  });
  if (!full) return;
  onCloud(`unmodified nova of ${release} with vfat drives`, { release, environment: VFAT }, vfatCases);
  onCloud(`unmodified nova and Cinder of ${release} with our drivers`, { release, volumes: true }, (setting) =>
    volumeCases(setting, true),
  );
  const withoutOurs = { release, environment: SECOND_ROAD, config: NOTIFYING };
  onCloud(`unmodified nova of ${release} without our driver`, withoutOurs, secondRoadCases);
  const withoutHypervisor = { release, environment: FAKE, serviceConfig: LOOKING };
  onCloud(`unmodified nova of ${release} with our driver and no hypervisor`, withoutHypervisor, (setting) => {
    fakeDriverCases(setting);
    optInCases(setting);
    vanishedCases(setting);
  });
  const later = { release, environment: { ...FAKE, ...RECLAIMING }, controllerEnvironment: RECLAIMING };
  onCloud(`unmodified nova of ${release} with our driver, keeping what is deleted for a while`, later, reclaimCases);
  describe(`unmodified nova of ${release} under faults`, () => faultCases(release));
}

/** Cases on a cloud of one compute host with our service, which they share. */
export function onCloud(
  name: string,
  options: Omit<NovaCloudOptions, "computes" | "service">,
  cases: (setting: () => Setting) => void,
): void {
  describe(name, () => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      cloud = await NovaCloud.start({ computes: 1, service: true, ...options });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    cases(() => ({ cloud, host: cloud.computes[0]! }));
  });
}
