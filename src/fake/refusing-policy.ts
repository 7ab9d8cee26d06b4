import type { Caller } from "#api/policy/caller.js";
import type { Target } from "#api/policy/check.js";
import { type Authorization, Policy } from "#api/policy/policy.js";
import { type Reason, Refusal } from "#drive/refusal.js";

/** Refusals that a test has asked for, at the one place that every call of every kind passes: where the policy is asked. */
export class RefusingPolicy implements Authorization {
  readonly #policy = new Policy();
  readonly #due: { readonly rule: string; readonly refusal: Refusal; times: number }[] = [];

  /** The next calls of a method, as the contract names it, are refused before anything is done. */
  refuse(method: string, reason: Reason, times: number, metadata: Readonly<Record<string, string>>): void {
    const rule = `configdrive:${method.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase()}`;
    const refusal = new Refusal(reason, `${method} is refused, as the test asked`, { metadata: { ...metadata } });
    this.#due.push({ rule, refusal, times });
  }

  /** Nothing is refused any more. */
  mend(): void {
    this.#due.length = 0;
  }

  allows(rule: string, caller: Caller, target: Target): boolean {
    const due = this.#due.find((one) => one.rule === rule && one.times > 0);
    if (due !== undefined) {
      due.times -= 1;
      throw due.refusal;
    }
    return this.#policy.allows(rule, caller, target);
  }
}
