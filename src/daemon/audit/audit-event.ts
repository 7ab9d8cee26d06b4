import { randomUUID } from "node:crypto";
import { contract } from "#api/contract.js";
import { errorFor } from "#api/error-for.js";
import type { Event } from "#bus/notification/notification-publisher.js";
import { encodeVersionedPayload } from "#bus/notification/versioned-payload.js";
import type { FinishedCall } from "../call-log.js";

/**
 * Methods that change nothing and give no content. Everything else is told, DownloadImage too, which gives an image with the secrets in
 * it; and so is a method that nobody thought of here.
 */
const NOT_TOLD: ReadonlySet<string> = new Set([
  "get_drive",
  "list_drives",
  "inspect_drive",
  "diff_drive",
  "watch_drives",
  "get_capabilities",
  "get_instance",
  "list_instances",
]);

/** Errors after which the operation goes on without its caller. */
const GOES_ON = new Set(["DEADLINE_EXCEEDED", "CANCELLED", "SHUTTING_DOWN"]);

/** What came of a call: the last part of the event's type. */
type Outcome = "end" | "error" | "pending";

const OUTCOME: Readonly<Record<Outcome, string>> = { end: "success", error: "failure", pending: "pending" };

/** The event that tells of a call (docs/audit.md); `undefined` for calls that are not told. @param at when the call was over */
export function auditEvent(call: FinishedCall, at: Date): Event | undefined {
  const method = busNameOf(call.method);
  if (NOT_TOLD.has(method)) return undefined;
  const { caller, subject, projectId, openstackRequestId, peer, door } = call;
  const reason = call.error === undefined ? undefined : errorFor(call.error).reason;
  const outcome: Outcome = reason === undefined ? "end" : GOES_ON.has(reason) ? "pending" : "error";
  const data = {
    method,
    door,
    outcome: OUTCOME[outcome],
    reason: reason ?? null,
    user_id: caller?.userId ?? null,
    user_project_id: caller?.projectId ?? null,
    roles: [...(caller?.roles ?? [])],
    service_roles: [...(caller?.serviceRoles ?? [])],
    is_admin: caller?.isAdmin ?? false,
    peer: peer ?? null,
    project_id: projectId,
    drive_ids: [...(subject?.driveIds ?? [])],
    instance_ids: [...(subject?.instanceIds ?? [])],
    host: subject?.host ?? null,
    content_id: subject?.contentId ?? null,
    validate_only: subject?.validateOnly ?? false,
    client_request_id: subject?.requestId ?? null,
    request_id: openstackRequestId,
    duration_seconds: Math.round(call.milliseconds) / 1000,
  };
  return {
    eventType: `configdrive.${method}.${outcome}`,
    priority: "AUDIT",
    payload: encodeVersionedPayload("configdrive_object", {
      ...{ name: "CallPayload", namespace: "configdrive", version: "1.0" },
      data,
    }),
    context: { request_id: openstackRequestId, user_id: data.user_id, project_id: projectId, roles: data.roles },
    messageId: randomUUID(),
    happenedAt: at.getTime(),
  };
}

/** A method as the bus names it, whatever door it came by. */
function busNameOf(method: string): string {
  return contract().methods.find(({ name }) => name === method)?.busName ?? method;
}
