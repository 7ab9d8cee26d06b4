import { Refusal } from "#drive/refusal.js";
import type { Caller } from "../policy/caller.js";
import { type Rate, TokenBuckets } from "./token-buckets.js";

/** What callers are held to. */
export interface RateSettings {
  /** Calls of one user, whatever the project. */
  readonly userCalls: Rate;
  /** Calls about one project's drives, whoever makes them. */
  readonly projectCalls: Rate;
  /** Bytes of content that come inline or by upload into one project. */
  readonly projectBytes: Rate;
}

/** Which of them a call was refused by. */
export type RateName = "user_calls" | "project_calls" | "project_bytes";

const UNLIMITED: Rate = { perSecond: Number.POSITIVE_INFINITY, atOnce: 1 };

/** Nobody is held up. */
export const noRates: RateSettings = { userCalls: UNLIMITED, projectCalls: UNLIMITED, projectBytes: UNLIMITED };

/** How often each caller may call, and how much it may bring. Counted by this process alone. */
export class CallerRates {
  readonly #userCalls: TokenBuckets;
  readonly #projectCalls: TokenBuckets;
  readonly #projectBytes: TokenBuckets;

  /** @param now milliseconds of a clock that never goes back */
  constructor(settings: RateSettings, now: () => number) {
    this.#userCalls = new TokenBuckets(settings.userCalls, now);
    this.#projectCalls = new TokenBuckets(settings.projectCalls, now);
    this.#projectBytes = new TokenBuckets(settings.projectBytes, now);
  }

  /** From the next call on, these count. */
  exchange({ userCalls, projectCalls, projectBytes }: RateSettings): void {
    this.#userCalls.exchange(userCalls);
    this.#projectCalls.exchange(projectCalls);
    this.#projectBytes.exchange(projectBytes);
  }

  /** Counts a call of this user's. @throws Refusal RATE_LIMITED */
  countUser({ userId, projectId }: Caller): void {
    // A request context need not name a user.
    const key = userId === "" ? `project ${projectId}` : `user ${userId}`;
    hold("user_calls", this.#userCalls.waitFor(key, 1), `user ${userId || "(none)"} makes too many calls`);
    this.#userCalls.take(key, 1);
  }

  /** Counts a call about this project. @throws Refusal RATE_LIMITED, also while it owes for bytes that came before */
  countProject(projectId: string): void {
    const who = `project ${projectId || "(none)"}`;
    hold("project_bytes", this.#projectBytes.waitFor(projectId, 1), `${who} has brought too much content`);
    hold("project_calls", this.#projectCalls.waitFor(projectId, 1), `too many calls are made for ${who}`);
    this.#projectCalls.take(projectId, 1);
  }

  /** Counts bytes that came for this project. What is too much now holds up its next call. */
  countBytes(projectId: string, bytes: number): void {
    if (bytes > 0) this.#projectBytes.take(projectId, bytes);
  }
}

function hold(rate: RateName, waitMs: number, what: string): void {
  if (waitMs === 0) return;
  throw new Refusal("RATE_LIMITED", `${what}; the next may come in ${waitMs / 1000} s`, {
    metadata: { rate, retry_after_ms: String(waitMs) },
    retryAfterMs: waitMs,
  });
}
