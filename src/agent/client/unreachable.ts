import { Refusal } from "#drive/refusal.js";

/** The host cannot be reached now. */
export function unreachable(host: string, why: string, cause?: unknown): Refusal {
  return new Refusal("HOST_UNREACHABLE", `the agent on host ${host} cannot be reached: ${why}`, {
    metadata: { host },
    cause,
  });
}
