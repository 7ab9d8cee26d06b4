/** Why an image did not get to its place. `no-space` and `not-permitted` are the operator's to mend. */
export type WriteFailure = "no-space" | "too-large" | "not-permitted" | "missing-directory" | "io";

const FAILURES: Readonly<Record<string, WriteFailure>> = {
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EFBIG: "too-large",
  EACCES: "not-permitted",
  EPERM: "not-permitted",
  EROFS: "not-permitted",
  ENOENT: "missing-directory",
  ENOTDIR: "missing-directory",
};

/** The file system refused; nothing of the image is left behind. */
export class ImageWriteError extends Error {
  override readonly name = "ImageWriteError";
  readonly failure: WriteFailure;

  constructor(
    readonly path: string,
    /** errno name, such as `ENOSPC`. */
    readonly code: string,
    cause: unknown,
  ) {
    super(`cannot write ${path}: ${code}`, { cause });
    this.failure = FAILURES[code] ?? "io";
  }
}

/** Names the file in a refusal of the file system. */
export async function writing<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    throw new ImageWriteError(path, typeof code === "string" ? code : "EIO", error);
  }
}

/** A source gave another number of bytes than its `size` says. */
export class SourceLengthError extends Error {
  override readonly name = "SourceLengthError";
  constructor(
    readonly expected: number,
    readonly received: number,
  ) {
    super(`a source said ${expected} bytes and gave ${received > expected ? "more" : received}`);
  }
}

/** The bytes that were written are not those that were meant; nothing of them is left. */
export class DigestMismatch extends Error {
  override readonly name = "DigestMismatch";
  constructor(
    readonly expected: string,
    readonly found: string | undefined,
  ) {
    super(`the image has SHA-256 ${found ?? "none"}, not ${expected}`);
  }
}
