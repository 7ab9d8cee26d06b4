import { readContract } from "#api/contract.js";
import { decodeMessage } from "#api/decode.js";
import type { MessageDescriptor, MethodDescriptor } from "#api/descriptors.js";
import { encodeMessage } from "#api/encode.js";
import { checkLimits } from "#api/limits.js";
import type { Json, JsonObject } from "#bus/json.js";
import { RpcFailure } from "#bus/server/rpc-failure.js";
import { Refusal } from "#drive/refusal.js";
import type { AnswerCallRequest, AnswerTo } from "#gen/configdrive/plugin/v1/plugin.js";

/** Where plugins listen: one server a nova-compute. */
export const PLUGIN_TARGET = { exchange: "configdrive", topic: "configdrive_plugin" } as const;

/** The version of the plugin's endpoint that has `answer_call`. */
export const ANSWER_VERSION = "1.1";

/** Where an outcome goes, and until when. */
export interface AnswerAddress {
  readonly server: string;
  readonly callId: string;
  readonly expiresAt: Date;
}

let answerCall: MethodDescriptor | undefined;

/** `AnswerCall` of proto/configdrive/plugin/v1, read once a process. */
export function answerMethod(): MethodDescriptor {
  answerCall ??= readContract("configdrive.plugin.v1.AnswerService", ["configdrive/plugin/v1/plugin.proto"]).methods[0];
  if (answerCall === undefined) throw new Error("the plugin's protocol has no AnswerCall");
  return answerCall;
}

/** The argument `answer_to` of a cast. @throws Refusal INVALID_ARGUMENT, ARGUMENTS_MISMATCH */
export function readAnswerTo(value: Json): AnswerAddress {
  const descriptor = answerToDescriptor();
  const { server, callId, expiresAt } = decodeMessage<AnswerTo>(descriptor, value);
  checkLimits(descriptor, { server, callId, expiresAt });
  if (expiresAt === undefined) throw new Refusal("INVALID_ARGUMENT", "answer_to.expires_at: is required");
  return { server, callId, expiresAt };
}

/** The arguments of `answer_call` for what a method gave. */
export function resultAnswer(to: AnswerAddress, result: Json): JsonObject {
  return encode({ to, outcome: { $case: "result", value: JSON.stringify(result) } });
}

/** The arguments of `answer_call` for what a method threw. */
export function failureAnswer(to: AnswerAddress, error: unknown): JsonObject {
  const known = error instanceof RpcFailure;
  const value = {
    exceptionClass: known ? error.exceptionClass : "RuntimeError",
    exceptionModule: known ? error.exceptionModule : "builtins",
    message: known ? error.message : "the service failed",
  };
  return encode({ to, outcome: { $case: "failure", value } });
}

function encode(answer: AnswerCallRequest): JsonObject {
  return encodeMessage(answerMethod().request, answer);
}

function answerToDescriptor(): MessageDescriptor {
  const type = answerMethod().request.fields.get("to")?.type;
  if (typeof type !== "object" || type.kind !== "message") throw new Error("AnswerCallRequest.to is no message");
  return type;
}
