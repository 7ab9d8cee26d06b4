import type { Caller } from "./caller.js";
import type { Target } from "./check.js";
import type { Authorization, Policy } from "./policy.js";

/** The policy that counts at the moment: whoever holds this asks the one that was read last. */
export class CurrentPolicy implements Authorization {
  constructor(private policy: Policy) {}

  /** From the next call on, this one counts. */
  exchange(policy: Policy): void {
    this.policy = policy;
  }

  allows(rule: string, caller: Caller, target: Target): boolean {
    return this.policy.allows(rule, caller, target);
  }
}
