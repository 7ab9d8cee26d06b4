/** QEMU refused a command: its own error class and text. */
export class QmpCommandError extends Error {
  override readonly name = "QmpCommandError";
  constructor(
    readonly command: string,
    readonly errorClass: string,
    readonly description: string,
  ) {
    super(`${command}: ${description} (${errorClass})`);
  }
}

/** The monitor could not be reached; `code` is the system's, such as `ENOENT`, or `NO_GREETING`. */
export class QmpUnreachable extends Error {
  override readonly name = "QmpUnreachable";
  constructor(
    readonly path: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${code}`, options);
  }
}

/** The monitor went away, or spoke something other than QMP, while it was in use. */
export class QmpConnectionLost extends Error {
  override readonly name = "QmpConnectionLost";
  constructor(
    readonly path: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${why}`, options);
  }
}
