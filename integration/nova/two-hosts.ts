import type { DebianRelease } from "../rigs/docker.js";
import { NovaCloud, type NovaCloudOptions } from "../rigs/nova-cloud.js";
import { awayCases } from "./away-cases.js";
import { cellCases, HEARING } from "./cell-cases.js";
import { liveCases, stockLiveCases } from "./live-cases.js";
import { moveCases } from "./move-cases.js";
import { movingVolumeCases } from "./moving-volume-cases.js";
import { restCases } from "./rest-cases.js";
import { NOTIFYING } from "./second-road-cases.js";
import type { Setting } from "./setting.js";

/** What two compute hosts of a release show: each with an agent, and the service beside them. */
export function twoHosts(release: DebianRelease, full: boolean): void {
  onClouds(
    `two hosts with unmodified nova of ${release} and our driver`,
    { release, service: true, volumes: full },
    (setting) => {
      // The short form has the move that differs between the two releases on the one that needs us, and the others on the other one.
      if (release === "bookworm" || full) moveCases(setting, full);
      if (release === "trixie" || full) liveCases(setting, full);
      if (full) movingVolumeCases(setting);
      if (full) restCases(setting);
      if (full) awayCases(setting);
    },
  );
  if (full && release === "trixie") {
    onClouds(`two hosts with unmodified nova of ${release} and its own driver`, { release }, stockLiveCases);
  }
  // nova's cells are the same in both releases.
  if (full && release === "bookworm") {
    const cells = { release, service: true, cells: true, config: NOTIFYING, serviceConfig: HEARING };
    onClouds(`two cells with unmodified nova of ${release} and our driver`, cells, cellCases);
  }
}

/** Cases on a cloud of two compute hosts, which they share. */
export function onClouds(
  name: string,
  options: Omit<NovaCloudOptions, "computes">,
  cases: (setting: () => Setting) => void,
): void {
  describe(name, () => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      cloud = await NovaCloud.start({ computes: 2, ...options });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    cases(() => ({ cloud, host: cloud.computes[0]! }));
  });
}
