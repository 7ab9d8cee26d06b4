/** libvirt refused a call: its own code (virErrorNumber of virterror.h) and text. */
export class LibvirtError extends Error {
  override readonly name = "LibvirtError";
  constructor(
    readonly procedure: string,
    readonly code: number,
    readonly description: string,
  ) {
    super(`${procedure}: ${description} (libvirt error ${code})`);
  }
}

/** libvirt could not be reached; `code` is the system's, such as `ENOENT`. */
export class LibvirtUnreachable extends Error {
  override readonly name = "LibvirtUnreachable";
  constructor(
    readonly path: string,
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${code}`, options);
  }
}

/** libvirt went away, or spoke something other than its protocol, while it was in use. */
export class LibvirtConnectionLost extends Error {
  override readonly name = "LibvirtConnectionLost";
  constructor(
    readonly path: string,
    readonly why: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${why}`, options);
  }
}
