import { Refusal } from "#drive/refusal.js";

/** Passes over that an instance is not there, for what then has nothing to do. Throws anything else again. */
export function unlessGone(error: unknown): undefined {
  if (error instanceof Refusal && error.reason === "INSTANCE_NOT_FOUND") return undefined;
  throw error;
}
