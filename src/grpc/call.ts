import type { Deadline, Metadata } from "@grpc/grpc-js";
import { type CallerCall, operator } from "#api/policy/caller.js";
import { Refusal } from "#drive/refusal.js";
import { PROJECT_ID, requestIdOf, textOf } from "./request-id.js";

/** What is the same of every kind of call that grpc-js serves. */
interface ServedCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Deadline;
  once(event: "cancelled", listener: () => void): unknown;
}

/**
 * A caller counts its time from before the call came here, and cancels at the end of it: by our count, which began later, that is a
 * moment early.
 */
const transitMs = 200;

/**
 * Who calls, and until when: the signal aborts when the deadline passes, when the caller cancels or goes away, or when the
 * server stops waiting.
 */
export function callOf(call: ServedCall, newRequestId: () => string, stopped: AbortSignal): CallerCall {
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
  const projectId = textOf(call.metadata, PROJECT_ID) ?? "";
  return {
    projectId,
    caller: operator(projectId),
    openstackRequestId: requestIdOf(call.metadata, newRequestId),
    signal: AbortSignal.any([controller.signal, stopped]),
  };
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
