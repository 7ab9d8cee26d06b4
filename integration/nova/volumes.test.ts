import type { DebianRelease } from "../rigs/docker.js";
import { NovaCloud } from "../rigs/nova-cloud.js";
import type { Setting } from "./setting.js";
import { volumeCases } from "./volume-cases.js";

const isFull = process.env.FORM === "full";
const RELEASES: readonly DebianRelease[] = isFull ? ["bookworm", "trixie"] : ["bookworm"];

describe.each(RELEASES)("unmodified nova and Cinder of %s with our drivers", (release) => {
  let cloud: NovaCloud;

  beforeAll(async () => {
    cloud = await NovaCloud.start({ release, computes: 1, service: true, volumes: true });
  }, 1_200_000);

  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  }, 120_000);

  const setting = (): Setting => ({ cloud, host: cloud.computes[0]! });
  volumeCases(setting, isFull);
});
