import { NovaCloud } from "../rigs/nova-cloud.js";
import { awayCases } from "./away-cases.js";
import { liveCases, stockLiveCases } from "./live-cases.js";
import { moveCases } from "./move-cases.js";
import { restCases } from "./rest-cases.js";
import type { Setting } from "./setting.js";

const isFull = process.env.FORM === "full";

describe.each(["bookworm", "trixie"] as const)("two hosts with unmodified nova of %s and our driver", (release) => {
  let cloud: NovaCloud;

  beforeAll(async () => {
    cloud = await NovaCloud.start({ release, computes: 2, service: true });
  }, 1_200_000);

  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  }, 120_000);

  const setting = (): Setting => ({ cloud, host: cloud.computes[0]! });
  // The short form has the move that differs between the two releases on the one that needs us, and the others on the other one.
  if (release === "bookworm" || isFull) moveCases(setting, isFull);
  if (release === "trixie" || isFull) liveCases(setting, isFull);
  if (isFull) restCases(setting);
  if (isFull) awayCases(setting);
});

if (isFull) {
  describe("two hosts with unmodified nova of trixie and its own driver", () => {
    let cloud: NovaCloud;

    beforeAll(async () => {
      cloud = await NovaCloud.start({ release: "trixie", computes: 2 });
    }, 1_200_000);

    afterAll(async () => {
      await cloud?.[Symbol.asyncDispose]();
    }, 120_000);

    stockLiveCases(() => ({ cloud, host: cloud.computes[0]! }));
  });
}
