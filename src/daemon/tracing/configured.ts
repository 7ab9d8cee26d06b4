import type { Logger } from "pino";
import type { Config } from "../config/options.js";
import type { Instruments } from "../metrics/instruments.js";
import { programVersion } from "../version.js";
import type { Tracing } from "./open-tracing.js";

/** Begins to trace as configured; `undefined`, and nothing is loaded, where no collector is. */
export async function configuredTracing(
  { tracingUrl, tracingPercent, role, host }: Config,
  instruments: Instruments,
  logger: Logger,
): Promise<Tracing | undefined> {
  if (tracingUrl === undefined) return undefined;
  const { openTracing } = await import("./open-tracing.js");
  const version = programVersion();
  const resource = {
    "service.name": role === "agent" ? "configdrive-agent" : "configdrive",
    "service.version": version,
    "host.name": host,
  };
  return openTracing({ url: tracingUrl, percent: tracingPercent, resource, version }, instruments, logger);
}
