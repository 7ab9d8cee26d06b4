import { encodeFailure, type Failure, failureOf } from "../wire/failure.js";
import { RpcFailure } from "./rpc-failure.js";

/**
 * What the caller is told of an error that a method threw. Only an `RpcFailure` is meant for it; of any other error it learns that
 * there was one, since its text may hold what is none of its business.
 */
function failureOfError(error: unknown): Failure {
  if (!(error instanceof RpcFailure)) return failureOf("builtins", "RuntimeError", "internal error");
  const { exceptionModule, exceptionClass, message, args, kwargs } = error;
  return { ...failureOf(exceptionModule, exceptionClass, message, kwargs), args };
}

/** The text of that failure. One whose arguments cannot be written as JSON is told as an internal error. */
export function encodedFailureOfError(error: unknown): string {
  try {
    return encodeFailure(failureOfError(error));
  } catch {
    return encodeFailure(failureOfError(undefined));
  }
}
