import { Metadata } from "@grpc/grpc-js";
import type { Gate } from "#api/admit.js";
import type { MethodDescriptor } from "#api/descriptors.js";
import type { Caller, CallerCall } from "#api/policy/caller.js";
import { joinSubjects, type Subject } from "#api/subject.js";
import type { Authenticate } from "./authenticate.js";
import { arrivalOf, type ServedCall, shownBy, untilAborted } from "./call.js";
import type { CallsInFlight } from "./calls-in-flight.js";
import { REQUEST_ID, textOf } from "./request-id.js";

/** What is told of each call when it is over. `error` is what was thrown, if anything. */
export interface CallRecord {
  readonly method: string;
  readonly openstackRequestId: string;
  readonly projectId: string;
  /** Where the call came from: address and port; unset for a unix socket. */
  readonly peer?: string;
  /** Who made it; unset for a call that did not say. */
  readonly caller?: Caller;
  /** What it is about; unset where it was turned away before that was looked at. */
  readonly subject?: Subject;
  /** How long it took. */
  readonly milliseconds: number;
  readonly error?: unknown;
}

/** Carries a call out as part of the trace that its headers name. @param method with its service: `configdrive.v1.DriveService/GetDrive` */
export type TraceServed = <T>(
  method: string,
  header: (name: string) => string | undefined,
  run: () => Promise<T>,
) => Promise<T>;

/** What serving any call takes. */
export interface Serving extends Gate {
  readonly authenticate: Authenticate;
  readonly inFlight: CallsInFlight;
  /** Makes a request id (`req-` and a UUID) for a call that brings none. */
  readonly newRequestId: () => string;
  readonly observe: (record: CallRecord) => void;
  /** Unset: calls are not traced. */
  readonly trace?: TraceServed;
}

/** How a kind of call is answered. */
export interface Answering<Response> {
  done(response: Response): void;
  failed(error: unknown): void;
}

/**
 * What is the same of every kind of call: its request id is answered, it is found out who makes it, it is waited for at a stop and told
 * of when it is over.
 * @param stopped - aborts when the server waits for this call no longer
 */
export function serveCall<Response>(
  served: ServedCall,
  method: MethodDescriptor,
  stopped: AbortSignal,
  { authenticate, inFlight, newRequestId, observe, trace }: Serving,
  run: (call: CallerCall) => Promise<Response>,
  answer: Answering<Response>,
): void {
  const { projectId: asked, openstackRequestId, signal, peer } = arrivalOf(served, newRequestId, stopped);
  const head = new Metadata();
  head.set(REQUEST_ID, openstackRequestId);
  served.sendMetadata(head);
  const begun = performance.now();
  let record: Omit<CallRecord, "milliseconds" | "error"> = {
    method: method.name,
    openstackRequestId,
    projectId: asked ?? "",
    ...(peer === undefined ? {} : { peer }),
  };
  const carryOut = async () => {
    inFlight.closing.throwIfAborted();
    const caller = await untilAborted(authenticate(shownBy(served), signal), signal);
    const projectId = asked ?? caller.projectId;
    record = { ...record, projectId, caller };
    const about = (subject: Subject) => {
      record = { ...record, subject: joinSubjects(record.subject, subject) };
    };
    return await run({ projectId, caller, openstackRequestId, signal, about });
  };
  const header = (name: string) => textOf(served.metadata, name);
  const carriedOut = trace === undefined ? carryOut() : trace(served.getPath().slice(1), header, carryOut);
  inFlight.track(
    carriedOut.then(
      (response) => {
        observe({ ...record, milliseconds: performance.now() - begun });
        answer.done(response);
      },
      (error: unknown) => {
        // Whatever a use case makes of an abort, the reason of the abort is what happened.
        const why = signal.aborted ? signal.reason : error;
        observe({ ...record, milliseconds: performance.now() - begun, error: why });
        answer.failed(why);
      },
    ),
  );
}
