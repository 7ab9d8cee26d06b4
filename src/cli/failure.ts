import { EXIT_CODES } from "./exit-code.js";

/** What a command could not do, in words for the person who typed it. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";

  constructor(
    message: string,
    readonly exitCode: number = EXIT_CODES.refused.code,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Errors whose message is already meant for a person; all others show their stack, for they are faults of this program. */
function isForPeople(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (["CommandFailure", "ImageRefusal", "LayoutRefusal", "ImageWriteError", "SourceLengthError"].includes(error.name))
    return true;
  return "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code);
}

/** One line a refusal, or the whole error where it is a fault of this program. */
export function describeFailure(error: unknown): string {
  if (isForPeople(error)) return `configdrive: ${error.message}`;
  return `configdrive: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** How the process ends after it. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  return isForPeople(error) ? EXIT_CODES.refused.code : EXIT_CODES.fault.code;
}
