import { Refusal } from "#drive/refusal.js";
import type { MethodDescriptor } from "../descriptors.js";
import type { CallerCall } from "./caller.js";
import type { Authorization } from "./policy.js";

/** Lets a caller act for a project that is not its own. */
const ANY_PROJECT = "any_project";

/**
 * Asks the policy whether the caller may use a method on what the request names. The one place where it is asked, for both
 * doors and every method.
 * @throws Refusal INVALID_ARGUMENT for a project that nobody can have; FORBIDDEN, which says who was refused what, and no rule's text
 */
export function authorize(
  policy: Authorization,
  method: MethodDescriptor,
  request: object,
  { caller, projectId }: CallerCall,
): void {
  requireProjectId(projectId);
  const rule = `configdrive:${method.busName}`;
  const named = (field: string) => {
    const property = method.request.fields.get(field)?.property;
    const value: unknown = property === undefined ? undefined : Reflect.get(request, property);
    return typeof value === "string" ? value : "";
  };
  const target = {
    project_id: projectId,
    drive_id: named("drive_id"),
    instance_id: named("instance_id"),
    host: named("host"),
  };
  // Whatever a rule says: nobody gets at another project's drives who is not let act for any.
  const own = caller.projectId === projectId || policy.allows(ANY_PROJECT, caller, target);
  if (own && policy.allows(rule, caller, target)) return;
  const { userId, roles } = caller;
  const who = `user ${shown(userId)} of project ${shown(caller.projectId)}, with ${rolesShown(roles)}`;
  const what = own ? rule : `to act for project ${shown(projectId)}`;
  throw new Refusal("FORBIDDEN", `the policy does not allow ${what} to ${who}`, {
    metadata: { rule: own ? rule : ANY_PROJECT, user_id: userId, roles: roles.join(",") },
  });
}

/** Most bytes of a project's id: what every catalog holds. Keystone's own have 32, and never more than 64. */
const PROJECT_ID_BYTES = 255;

function requireProjectId(projectId: string): void {
  const bytes = Buffer.byteLength(projectId);
  if (bytes <= PROJECT_ID_BYTES && !/\p{Cc}/u.test(projectId)) return;
  const rule = `at most ${PROJECT_ID_BYTES} bytes, without control characters (got ${bytes} bytes)`;
  throw new Refusal("INVALID_ARGUMENT", `project_id of the caller: ${rule}`, {
    metadata: { field: "project_id" },
    violations: [{ field: "project_id", rule }],
  });
}

function shown(id: string): string {
  return id === "" ? "(none)" : id;
}

function rolesShown(roles: readonly string[]): string {
  return roles.length === 0 ? "no roles" : `roles ${roles.join(", ")}`;
}
