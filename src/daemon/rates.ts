import type { RateSettings } from "#api/rates/caller-rates.js";
import type { Config } from "./config/options.js";

/** What callers are held to, as configured. */
export function ratesOf(config: Config): RateSettings {
  return {
    userCalls: { perSecond: config.userCallsPerSecond, atOnce: config.userCallsAtOnce },
    projectCalls: { perSecond: config.projectCallsPerSecond, atOnce: config.projectCallsAtOnce },
    projectBytes: { perSecond: config.projectBytesPerSecond, atOnce: config.projectBytesAtOnce },
  };
}
