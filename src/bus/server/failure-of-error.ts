import { type Failure, failureOf } from "../wire/failure.js";
import { RpcFailure } from "./rpc-failure.js";

/**
 * What the caller is told of an error that a method threw. Only an `RpcFailure` is meant for it; of any other error it learns that
 * there was one, since its text may hold what is none of its business.
 */
export function failureOfError(error: unknown): Failure {
  if (!(error instanceof RpcFailure)) return failureOf("builtins", "RuntimeError", "internal error");
  const { exceptionModule, exceptionClass, message, args, kwargs } = error;
  return { ...failureOf(exceptionModule, exceptionClass, message, kwargs), args };
}
