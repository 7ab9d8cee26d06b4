import type { ImageFormat } from "#image/plan.js";

/** What one file of a spec holds. */
export type FileData =
  | { readonly kind: "content"; readonly bytes: Uint8Array }
  | { readonly kind: "same_as"; readonly path: string };

/** One file that a caller asked for. */
export interface SpecFile {
  readonly path: string;
  readonly data: FileData;
  readonly mode?: number;
}

/** One directory that a caller asked for itself. */
export interface SpecDirectory {
  readonly path: string;
  readonly mode?: number;
}

/** What a drive shall hold: the volume's bytes, or files. */
export type Content =
  | { readonly kind: "blob"; readonly bytes: Uint8Array }
  | { readonly kind: "files"; readonly files: readonly SpecFile[]; readonly directories: readonly SpecDirectory[] };

/** What the caller asked for. It is kept with its generation, so that later operations can render it again. */
export interface Spec {
  readonly content: Content;
  readonly format: ImageFormat;
  /** Volume label of a file system; empty for a raw image. */
  readonly label: string;
  /** Bytes of the volume; 0 = as small as it can be. */
  readonly sizeBytes: number;
}
