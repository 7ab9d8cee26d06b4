/**
 * Bytes of a known length that a writer places in an image without ever copying them.
 * Either they are in memory (`bytes`), or they are read when the image is written (`read`).
 */
export type ByteSource =
  | { readonly size: number; readonly bytes: Uint8Array; readonly read?: undefined }
  | {
      readonly size: number;
      readonly bytes?: undefined;
      readonly read: (signal?: AbortSignal) => AsyncIterable<Uint8Array>;
    };

/** What a file or directory is on the drive, beside its bytes. Unset fields take the writer's defaults. */
export interface Attributes {
  /** Permission bits, 0 to 0o7777. Default 0o444 for files, 0o555 for directories. */
  readonly mode?: number;
  /** Default 0 (root). */
  readonly uid?: number;
  /** Default 0 (root). */
  readonly gid?: number;
  /** Default: the image's own time. */
  readonly mtime?: Date;
}

/** One file; `path` has `/` between its parts and none at either end. */
export interface FileEntry extends Attributes {
  readonly path: string;
  readonly data: ByteSource;
}

/** One directory that is asked for itself; directories above a file are made where missing. */
export interface DirectoryEntry extends Attributes {
  readonly path: string;
}

/** Files and directories that a file system is made of, in any order: the bytes written do not depend on it. */
export interface FileTree {
  readonly files: readonly FileEntry[];
  readonly directories?: readonly DirectoryEntry[];
}

/** A source of bytes that are in memory already. */
export function fromBytes(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, bytes };
}
