import type { PeerCertificate } from "node:tls";
import type { Deadline, Metadata } from "@grpc/grpc-js";
import type { CertificateNames } from "#api/policy/identities.js";
import { Refusal } from "#drive/refusal.js";
import type { Shown } from "./authenticate.js";
import { certificateNames } from "./peer-certificate.js";
import { AUTH_TOKEN, PROJECT_ID, requestIdOf, SERVICE_TOKEN, textOf } from "./request-id.js";

/** What is the same of every kind of call that grpc-js serves. */
export interface ServedCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Deadline;
  getPeer(): string;
  /** `/package.Service/Method` */
  getPath(): string;
  getAuthContext(): { sslPeerCertificate?: PeerCertificate };
  sendMetadata(metadata: Metadata): void;
  once(event: "cancelled", listener: () => void): unknown;
}

/** What a call says of itself before anybody asked who makes it. */
export interface Arrival {
  /** What it names in `x-project-id`. */
  readonly projectId: string | undefined;
  readonly openstackRequestId: string;
  /** Aborts when the deadline passes, when the caller cancels or goes away, or when the server stops waiting. */
  readonly signal: AbortSignal;
  /** Address and port; unset for a unix socket. */
  readonly peer: string | undefined;
}

/**
 * A caller counts its time from before the call came here, and cancels at the end of it: by our count, which began later, that is a
 * moment early.
 */
const transitMs = 200;

/** Reads a call's headers, and watches its deadline. @param stopped - aborts when the server stops waiting */
export function arrivalOf(call: ServedCall, newRequestId: () => string, stopped: AbortSignal): Arrival {
  const controller = new AbortController();
  const abort = () => {
    // grpc-js ends a call that is over its deadline in the same way as one that was cancelled.
    const late = Number(call.getDeadline()) <= Date.now() + transitMs;
    controller.abort(
      late
        ? new Refusal("DEADLINE_EXCEEDED", "the caller's deadline passed; the operation goes on")
        : new Refusal("CANCELLED", "the caller went away; the operation goes on"),
    );
  };
  if (call.cancelled) abort();
  else call.once("cancelled", abort);
  const peer = call.getPeer();
  return {
    projectId: textOf(call.metadata, PROJECT_ID),
    openstackRequestId: requestIdOf(call.metadata, newRequestId),
    signal: AbortSignal.any([controller.signal, stopped]),
    // grpc-js's word for a socket without an address.
    peer: peer === "unknown" ? undefined : peer,
  };
}

/** What the call shows of who makes it. */
export function shownBy(call: ServedCall): Shown {
  const token = textOf(call.metadata, AUTH_TOKEN);
  return {
    certificate: certificateOf(call),
    tokens: token === undefined ? undefined : { token, serviceToken: textOf(call.metadata, SERVICE_TOKEN) },
    projectId: textOf(call.metadata, PROJECT_ID),
  };
}

/** The names in the caller's certificate; `undefined` without one that an authority of ours vouches for. */
function certificateOf(call: ServedCall): CertificateNames | undefined {
  // grpc-js gives none that was not verified.
  const certificate = call.getAuthContext().sslPeerCertificate;
  return certificate === undefined ? undefined : certificateNames(certificate.raw);
}

/** The result, or the signal's reason if it aborts first: a use case that does not see its signal keeps no caller waiting. */
export function untilAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
