import type { ImageFormat } from "#image/plan.js";
import type { ConfigDocument } from "#layout/config-document.js";
import type { GuestProfile } from "#layout/guest-profile.js";
import type { ContentReference } from "./content-source.js";

/** Bytes that stand in the content store. */
export interface StoredContent {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Bytes as a spec keeps them: in itself, or in the content store. */
export type KeptBytes = Uint8Array | StoredContent;

/** Bytes as a caller names them: inline, uploaded before, or standing elsewhere. */
export type AskedBytes = Uint8Array | { readonly contentId: string } | ContentReference;

/** What one file of a spec holds. */
export type FileData<Bytes = KeptBytes> =
  | { readonly kind: "content"; readonly bytes: Bytes }
  | { readonly kind: "same_as"; readonly path: string };

/** One file that a caller asked for. */
export interface SpecFile<Bytes = KeptBytes> {
  readonly path: string;
  readonly data: FileData<Bytes>;
  readonly mode?: number;
}

/** One directory that a caller asked for itself. */
export interface SpecDirectory {
  readonly path: string;
  readonly mode?: number;
}

/** What an instance is to know of itself, of which a layout makes files each time that it is rendered. */
export interface ConfigData extends ConfigDocument {
  readonly kind: "config_data";
  readonly guest: GuestProfile;
}

/** What a drive shall hold: the volume's bytes, files, or config data. */
export type Content<Bytes = KeptBytes> =
  | { readonly kind: "blob"; readonly bytes: Bytes }
  | {
      readonly kind: "files";
      readonly files: readonly SpecFile<Bytes>[];
      readonly directories: readonly SpecDirectory[];
    }
  | ConfigData;

/** What a caller asked for, before its bytes are gathered. */
export type AskedContent = Content<AskedBytes>;

/** What the caller asked for. It is kept with its generation, so that later operations can render it again. */
export interface Spec<Bytes = KeptBytes> {
  readonly content: Content<Bytes>;
  readonly format: ImageFormat;
  /** Volume label of a file system; empty for a raw image. */
  readonly label: string;
  /** Bytes of the volume; 0 = as small as it can be. */
  readonly sizeBytes: number;
}
