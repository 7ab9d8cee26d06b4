import type { Failure } from "./failure.js";

/**
 * An exception that a method raised on the other side. `exception` is the full Python name, so a caller writes
 * `error.exception === "nova.exception.InstanceNotFound"`; classes listed in `RemoteErrorClasses` come as those instead.
 */
export class RemoteError extends Error {
  override readonly name: string = "RemoteError";
  constructor(readonly failure: Failure) {
    super(failure.message === "" ? qualifiedName(failure) : failure.message);
  }

  /** `module.Class` of the Python exception. */
  get exception(): string {
    return qualifiedName(this.failure);
  }
}

/** A local error class for a Python exception. */
export type RemoteErrorClass = new (failure: Failure) => RemoteError;

/**
 * Which Python exceptions become which local classes, by full Python name. Only what is listed is built: a peer's text
 * never chooses a class by itself (wire §7).
 */
export type RemoteErrorClasses = ReadonlyMap<string, RemoteErrorClass>;

/** The local error for a failure: a listed class, else the plain `RemoteError`. */
export function remoteError(failure: Failure, known: RemoteErrorClasses = new Map()): RemoteError {
  const listed = known.get(qualifiedName(failure)) ?? RemoteError;
  return new listed(failure);
}

function qualifiedName(failure: Failure): string {
  return `${failure.module}.${failure.className}`;
}
