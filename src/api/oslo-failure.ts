import type { Answer } from "./error-for.js";

/** What an oslo.messaging server says of an exception, for its caller to rebuild: `class(*args, **kwargs)` of `module`. */
export interface OsloFailure {
  readonly class: string;
  readonly module: string;
  readonly message: string;
  readonly args: readonly string[];
  readonly kwargs: Readonly<Record<string, string>>;
}

/**
 * The failure for an answer. nova's exceptions take their rendered text first and keep the keywords; a keyword whose
 * metadata is not known is given empty, so that the constructor never lacks one (nova/exception.py, NovaException).
 */
export function osloFailure(answer: Answer): OsloFailure {
  const { module, class: name, kwargs } = answer.row.exception;
  const message = module === "nova.exception" ? `${answer.message} [${answer.reason}]` : answer.message;
  return {
    class: name,
    module,
    message,
    args: [message],
    kwargs: Object.fromEntries(
      Object.entries(kwargs).map(([keyword, source]) => [
        keyword,
        source === "message" ? answer.message : (answer.metadata[source] ?? ""),
      ]),
    ),
  };
}
