import type { Metadata } from "@grpc/grpc-js";

/** The header of OpenStack's request ids, in and out (oslo.middleware, request_id.py). */
export const REQUEST_ID = "x-openstack-request-id";
/** Whose drives a call is about (keystonemiddleware's header). */
export const PROJECT_ID = "x-project-id";

/** Who calls, by a token of Keystone's; and the service that calls on the user's behalf (keystonemiddleware's headers). */
export const AUTH_TOKEN = "x-auth-token";
export const SERVICE_TOKEN = "x-service-token";

const INBOUND = /^req-[a-f0-9-]{36}$/;

/** The caller's request id where it has the form that OpenStack's services accept, and a new one otherwise. */
export function requestIdOf(metadata: Metadata, newRequestId: () => string): string {
  const given = textOf(metadata, REQUEST_ID);
  return given !== undefined && INBOUND.test(given) ? given : newRequestId();
}

/** The first value of a text header. */
export function textOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}
