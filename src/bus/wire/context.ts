import type { Json, JsonObject } from "../json.js";
import { Secret } from "../secret.js";

/**
 * What a request context says of its caller, as far as its entries have the types that OpenStack gives them (wire §13). The context
 * itself stays as it came: whoever relays one passes on every key.
 */
export interface RequestContext {
  /** `req-<uuid>` of this request, for the logs of both sides. */
  readonly requestId: string | undefined;
  /** The id that the user's request has across services. */
  readonly globalRequestId: string | undefined;
  readonly userId: string | undefined;
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
  /** Of the service that sent the request on behalf of the user. */
  readonly serviceRoles: readonly string[];
  readonly isAdmin: boolean;
  readonly systemScope: string | undefined;
  readonly authToken: Secret | undefined;
}

/** Reads a context. `user`, `project` and `tenant` are older names of the ids; an entry of a wrong type counts as absent. */
export function readContext(context: Readonly<JsonObject>): RequestContext {
  const authToken = textOf(context.auth_token);
  return {
    requestId: requestIdOf(context.request_id),
    globalRequestId: requestIdOf(context.global_request_id),
    userId: textOf(context.user_id) ?? textOf(context.user),
    projectId: textOf(context.project_id) ?? textOf(context.project) ?? textOf(context.tenant),
    roles: textsOf(context.roles),
    serviceRoles: textsOf(context.service_roles),
    isAdmin: context.is_admin === true,
    systemScope: textOf(context.system_scope),
    authToken: authToken === undefined ? undefined : new Secret(authToken),
  };
}

/**
 * The context for a request that is made on behalf of another: everything that came, a request id of its own, and the first
 * request's id as the global one where none is set yet.
 */
export function relayContext(context: Readonly<JsonObject>, requestId: string): JsonObject {
  const { requestId: cause, globalRequestId } = readContext(context);
  return { ...context, request_id: requestId, global_request_id: globalRequestId ?? cause ?? null };
}

/** An id in the form that every OpenStack service accepts from another; other text is not repeated into logs. */
function requestIdOf(value: Json | undefined): string | undefined {
  return typeof value === "string" && /^req-[a-f0-9-]{36}$/.test(value) ? value : undefined;
}

function textsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
