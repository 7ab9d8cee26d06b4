import { Refusal } from "#drive/refusal.js";

/** The host cannot be reached now. */
export function unreachable(host: string, why: string, cause?: unknown): Refusal {
  const who = host === "" ? "an agent" : `the agent on host ${host}`;
  return new Refusal("HOST_UNREACHABLE", `${who} cannot be reached: ${why}`, {
    metadata: { host },
    cause,
  });
}
