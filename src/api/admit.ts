import type { MethodDescriptor } from "./descriptors.js";
import { authorize } from "./policy/authorize.js";
import type { CallerCall } from "./policy/caller.js";
import type { Authorization } from "./policy/policy.js";
import type { CallerRates } from "./rates/caller-rates.js";

/** What a call has to pass before anything is looked at, at either door. */
export interface Gate {
  readonly policy: Authorization;
  /** Unset: callers are not counted. */
  readonly rates?: CallerRates;
}

/** Counts bytes of content that an admitted call brings. */
export type CountBytes = (bytes: number) => void;

/** Lets a caller through uncounted. */
const UNCOUNTED = "rate_unlimited";

/**
 * Lets a call in or refuses it. A user is counted before the policy is asked, so that refused calls count too; a project after it,
 * so that nobody uses up what is another's.
 * @throws Refusal RATE_LIMITED, and what `authorize` refuses with
 */
export function admit(
  { policy, rates }: Gate,
  method: MethodDescriptor,
  request: object,
  call: CallerCall,
): CountBytes {
  const { caller, projectId } = call;
  const target = { project_id: caller.projectId, drive_id: "", instance_id: "", host: "" };
  const counted = rates !== undefined && !policy.allows(UNCOUNTED, caller, target) ? rates : undefined;
  counted?.countUser(caller);
  authorize(policy, method, request, call);
  counted?.countProject(projectId);
  return (bytes) => counted?.countBytes(projectId, bytes);
}
