import type { JsonObject } from "../json.js";

/** Entries that name the caller without empowering anybody: no token, no service catalog. */
const safeKeys: ReadonlySet<string> = new Set([
  "user_id",
  "user_name",
  "project_id",
  "project_name",
  "domain_id",
  "domain_name",
  "user_domain_id",
  "user_domain_name",
  "project_domain_id",
  "project_domain_name",
  "is_admin",
  "request_id",
  "global_request_id",
  "roles",
  "system_scope",
  "service_user_id",
  "service_user_name",
  "service_user_domain_id",
  "service_user_domain_name",
  "service_project_id",
  "service_project_name",
  "service_project_domain_id",
  "service_project_domain_name",
  "service_roles",
]);

/** The part of a context that may be notified: anybody may listen to notifications (wire §12). */
export function safeContext(context: Readonly<JsonObject>): JsonObject {
  return Object.fromEntries(Object.entries(context).filter(([key]) => safeKeys.has(key)));
}
