import { NovaCloud } from "../rigs/nova-cloud.js";
import { attachCases } from "./attach-cases.js";
import { currentCases } from "./current-cases.js";
import { fakeDriverCases } from "./fake-driver-cases.js";
import { faultCases } from "./fault-cases.js";
import { optInCases } from "./opt-in-cases.js";
import { refusedContentCases } from "./refused-content-cases.js";
import { NOTIFYING, SECOND_ROAD, secondRoadCases } from "./second-road-cases.js";
import type { Setting } from "./setting.js";
import { rebuildCases, spawnCases } from "./spawn-cases.js";
import { unavailableCases } from "./unavailable-cases.js";
import { LOOKING, vanishedCases } from "./vanished-cases.js";
import { vfatCases } from "./vfat-cases.js";
import { volumeCases } from "./volume-cases.js";

const isFull = process.env.FORM === "full";
const RELEASES = ["bookworm", "trixie"] as const;

describe.each(RELEASES)("unmodified nova of %s with our driver", (release) => {
  // In full, volumes have a cloud of their own.
  const hasVolumes = release === "bookworm" && !isFull;
  let cloud: NovaCloud;

  beforeAll(async () => {
    cloud = await NovaCloud.start({ release, computes: 1, service: true, volumes: hasVolumes });
  }, 1_200_000);

  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  }, 120_000);

  const setting = (): Setting => ({ cloud, host: cloud.computes[0]! });
  if (hasVolumes) volumeCases(setting, false);
  spawnCases(setting);
  // Of the second release the short form has the way of a drive into a guest; the rest goes the same ways as with the first.
  if (release === "bookworm" || isFull) {
    rebuildCases(setting);
    refusedContentCases(setting);
    attachCases(setting, isFull);
    if (isFull) currentCases(setting);
    unavailableCases(setting, isFull);
  }

  test.each([
    ["threads of the system", ""],
    ["eventlet's", "import eventlet; eventlet.monkey_patch(); "],
  ])(
    "the plugin's own tests pass on this nova's Python, with %s",
    async (_, before) => {
      const { cloud, host } = setting();
      const program = `${before}import unittest; unittest.main(module=None, argv="x discover -s tests -t .".split())`;
      const script = 'cd /opt/nova-plugin && PYTHONDONTWRITEBYTECODE=1 python3 -c "$0" 2>&1';
      expect(await cloud.run(host, "sh", "-c", script, program)).toMatch(/Ran [1-9]\d* tests in .*\s+OK/);
    },
    120_000,
  );
});

if (isFull)
  describe.each(RELEASES)("unmodified nova of %s with vfat drives", (release) => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      const environment = { OS_DEFAULT__CONFIG_DRIVE_FORMAT: "vfat" };
      cloud = await NovaCloud.start({ release, computes: 1, service: true, environment });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    vfatCases(() => ({ cloud, host: cloud.computes[0]! }));
  });

if (isFull)
  describe.each(RELEASES)("unmodified nova and Cinder of %s with our drivers", (release) => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      cloud = await NovaCloud.start({ release, computes: 1, service: true, volumes: true });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    volumeCases(() => ({ cloud, host: cloud.computes[0]! }), true);
  });

if (isFull)
  describe.each(RELEASES)("unmodified nova of %s without our driver", (release) => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      cloud = await NovaCloud.start({
        release,
        computes: 1,
        service: true,
        environment: SECOND_ROAD,
        config: NOTIFYING,
      });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    secondRoadCases(() => ({ cloud, host: cloud.computes[0]! }));
  });

if (isFull) {
  describe.each(RELEASES)("unmodified nova of %s with our driver and no hypervisor", (release) => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      const environment = { OS_DEFAULT__COMPUTE_DRIVER: "configdrive_bridge.FakeDriver" };
      cloud = await NovaCloud.start({ release, computes: 1, service: true, environment, serviceConfig: LOOKING });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    const setting = (): Setting => ({ cloud, host: cloud.computes[0]! });
    fakeDriverCases(setting);
    optInCases(setting);
    vanishedCases(setting);
  });

  describe.each(RELEASES)("unmodified nova of %s under faults", (release) => faultCases(release));
}
