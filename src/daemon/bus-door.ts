import { errorFor } from "#api/error-for.js";
import type { JsonDoor, JsonMethod } from "#api/json-door.js";
import { osloFailure } from "#api/oslo-failure.js";
import type { CallerCall } from "#api/policy/caller.js";
import { joinSubjects, type Subject } from "#api/subject.js";
import type { Json } from "#bus/json.js";
import type { Endpoint, IdempotentMethod, IncomingRequest } from "#bus/server/endpoint.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { readContext } from "#bus/wire/context.js";
import { answeredByCast, type SendAnswer } from "#nova/answered-by-cast.js";
import type { FinishedCall } from "./call-log.js";

/** The exchange and the topic of the service, whatever `control_exchange` a shared file sets. */
export const BUS_TARGET = { exchange: "configdrive", topic: "configdrive" } as const;

export interface BusDoorOptions {
  readonly door: JsonDoor;
  /** Makes a request id for a call whose context brings none. */
  readonly newRequestId: () => string;
  /** Told of each call when it is over. */
  readonly observe: (call: FinishedCall) => void;
  /** Tells the outcome of a request that was a cast and names who waits for it. */
  readonly answer: SendAnswer;
  readonly now: () => Date;
}

/**
 * The contract as methods of the bus. Every method can safely run twice, by the caller's own `request_id`, so that a request
 * is acknowledged only after its reply is out.
 */
export function busEndpoint(options: BusDoorOptions): Endpoint {
  const { answer, now } = options;
  const methods = [...options.door.methods].map(
    ([name, method]) => [name, answeredByCast(idempotent(method, options), answer, now)] as const,
  );
  return { version: options.door.version, methods: new Map(methods) };
}

function idempotent(method: JsonMethod, { newRequestId, observe }: BusDoorOptions): IdempotentMethod {
  return {
    idempotent: true,
    async run(args, request) {
      const begun = performance.now();
      const call = callOf(request, newRequestId);
      const { openstackRequestId, projectId, caller } = call;
      let subject: Subject | undefined;
      const about = (known: Subject) => {
        subject = joinSubjects(subject, known);
      };
      const finish = (end: { readonly error?: unknown }) => {
        const record = { door: "bus", method: method.name, openstackRequestId, projectId, caller } as const;
        const milliseconds = performance.now() - begun;
        observe({ ...record, ...(subject === undefined ? {} : { subject }), milliseconds, ...end });
      };
      try {
        const result: Json = await method.call(args, { ...call, about });
        finish({});
        return result;
      } catch (error) {
        finish({ error });
        throw failureOf(error);
      }
    },
  };
}

/** Who calls, as its request context says. */
function callOf({ context, signal }: IncomingRequest, newRequestId: () => string): CallerCall {
  const read = readContext(context);
  const {
    projectId = "",
    requestId = newRequestId(),
    userId = "",
    systemScope = "",
    roles,
    serviceRoles,
    isAdmin,
  } = read;
  const caller = { userId, projectId, roles, serviceRoles, isAdmin, systemScope };
  return { projectId, caller, openstackRequestId: requestId, signal };
}

function failureOf(error: unknown): RpcFailure {
  const failure = osloFailure(errorFor(error));
  const { args, kwargs } = failure;
  return new RpcFailure(failure.class, failure.module, failure.message, { args, kwargs: { ...kwargs }, cause: error });
}
