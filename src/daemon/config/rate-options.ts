import { option, withDefault } from "./option.js";
import { integer, rateOrAny } from "./types.js";

const MEBIBYTE = 1024 ** 2;

function perSecond(place: string, help: string) {
  return withDefault(option(place, rateOrAny, help, { reloadable: true }), "-1");
}

function atOnce(place: string, help: string, fallback: number) {
  return withDefault(option(place, integer(1, 1024 ** 4), help, { reloadable: true }), String(fallback));
}

/** How often callers may call, and how much they may bring (src/api/rates/); off by default. */
export const rateOptions = {
  userCallsPerSecond: perSecond(
    "limits.user_calls_per_second",
    "Calls that one user may make, at both doors together and in the long run. Calls beyond that are refused with [RATE_LIMITED](errors.md#rate_limited). Counted by each service for itself. The policy's rule `rate_unlimited` says who is not counted: administrators and services.",
  ),
  userCallsAtOnce: atOnce("limits.user_calls_at_once", "Calls of one user that may come at once after a silence.", 100),
  projectCallsPerSecond: perSecond(
    "limits.project_calls_per_second",
    "As `user_calls_per_second`, for all calls about one project's drives, whoever makes them.",
  ),
  projectCallsAtOnce: atOnce(
    "limits.project_calls_at_once",
    "Calls about one project's drives that may come at once after a silence.",
    200,
  ),
  projectBytesPerSecond: perSecond(
    "limits.project_bytes_per_second",
    "Bytes of content, inline and uploaded, that may come into one project in the long run. What was too much holds up the project's next calls.",
  ),
  projectBytesAtOnce: atOnce(
    "limits.project_bytes_at_once",
    "Bytes of content that may come into one project at once after a silence.",
    64 * MEBIBYTE,
  ),
} as const;
