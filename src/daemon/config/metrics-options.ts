import { Refusal } from "#drive/refusal.js";
import { parseListenAddress } from "#grpc/listen-address.js";
import { option } from "./option.js";
import { textWith } from "./types.js";

/** What others may know of a process's state. */
export const metricsOptions = {
  metricsListen: option(
    "metrics.listen",
    textWith("127.0.0.1:port, [::1]:port or localhost:port; port 0 takes a free one", listenProblem),
    "Where metrics for Prometheus and the state of the process are served to this machine ([metrics.md](metrics.md)).",
    { fallbackShown: "none: they are not served" },
  ),
} as const;

function listenProblem(given: string): string | undefined {
  try {
    const { kind } = parseListenAddress(given);
    return kind === "tcp" ? undefined : "must be host:port";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.violations[0]?.rule ?? error.message;
  }
}
