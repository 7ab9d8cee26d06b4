import type { Json, JsonObject } from "#bus/json.js";
import type { IdempotentMethod, IncomingRequest } from "#bus/server/endpoint.js";
import { type AnswerAddress, failureAnswer, readAnswerTo, resultAnswer } from "./answer-protocol.js";

/** Sends the arguments of `answer_call` to a plugin; the signal aborts when nobody waits there any more. */
export type SendAnswer = (to: AnswerAddress, answer: JsonObject, signal: AbortSignal) => Promise<void>;

/**
 * A method that can also be asked by a cast: where the cast brings `answer_to` (proto/configdrive/plugin/v1), its outcome goes there
 * by another cast. From oslo.messaging 14.8 on a caller looks for the reply of a call every half second only; a cast to a server of
 * its own reaches it at once. The request is acknowledged after the answer, as a call is, so that a service that is killed loses none.
 */
export function answeredByCast(method: IdempotentMethod, send: SendAnswer, now: () => Date): IdempotentMethod {
  const run = async (args: JsonObject, request: IncomingRequest): Promise<Json> => {
    const { answer_to: asked, ...own } = args;
    if (asked === undefined || request.messageId !== undefined) return method.run(args, request);
    const to = readAnswerTo(asked);
    const left = to.expiresAt.getTime() - now().getTime();
    // Nobody waits, so it is not begun: a drive that was built for nobody would be left behind.
    if (left <= 0) return null;
    const signal = AbortSignal.any([request.signal, AbortSignal.timeout(left)]);
    const answer = await method.run(own, withSignal(request, signal)).then(
      (result) => resultAnswer(to, result),
      (error: unknown) => failureAnswer(to, error),
    );
    await send(to, answer, signal);
    return null;
  };
  return { idempotent: true, run };
}

function withSignal(request: IncomingRequest, signal: AbortSignal): IncomingRequest {
  const { method, namespace, version, context, messageId, deadline, trace } = request;
  return { method, namespace, version, context, messageId, deadline, trace, signal };
}
