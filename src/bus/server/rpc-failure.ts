import type { Json, JsonObject } from "../json.js";

/** What a method throws to choose the exception that a Python caller rebuilds: `exceptionModule.exceptionClass(*args, **kwargs)`. */
export class RpcFailure extends Error {
  override readonly name = "RpcFailure";
  readonly args: readonly Json[];
  readonly kwargs: Readonly<JsonObject>;
  constructor(
    readonly exceptionClass: string,
    readonly exceptionModule: string,
    message: string,
    details: { args?: readonly Json[]; kwargs?: Readonly<JsonObject>; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.args = details.args ?? [message];
    this.kwargs = details.kwargs ?? {};
  }
}
