import type { ImageInput } from "#image/input/input.js";
import type { ImagePlan } from "#image/plan.js";
import type { Wait } from "./hypervisor.js";

/** An image that was written: its size in bytes and the SHA-256 of all of them, lower-case hexadecimal. */
export interface WrittenImage {
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Something that stands in the store: an image in its place, or (`generation` undefined) what a cut-off write left. */
export interface StoredFile {
  readonly driveId: string;
  readonly generation: number | undefined;
  /** Its name below the drive's own folder; empty: the folder itself, with nothing in it, as a kill before the first byte leaves it. */
  readonly name: string;
}

/**
 * Where the image files of this host stand. A reader sees a whole image or none: it is written beside its place, synced,
 * then renamed. Every step can be repeated.
 * Refusals: STORAGE_FULL, STORAGE_FAILED, CONTENT_NOT_REPRESENTABLE, DEADLINE_EXCEEDED, CANCELLED.
 */
export interface ImageStore {
  /**
   * Writes an image at its place, over one that may stand there.
   * @param sha256 what its digest must be, where that is known: STORAGE_FAILED, and nothing is put there, for any other
   */
  place(driveId: string, generation: number, plan: ImagePlan, wait: Wait, sha256?: string): Promise<WrittenImage>;
  /** Keeps what stands in a drive's folder out of `list` until it is disposed of: it is placed before the catalog knows of it. */
  hold(driveId: string): Disposable;
  /** The path of an image, for the hypervisor to open; `undefined` when it is not there or does not have this size. */
  locate(driveId: string, generation: number, sizeBytes: number): Promise<string | undefined>;
  /** Opens an image for reading, without following links; `undefined` when it is not there. The caller closes it. */
  read(driveId: string, generation: number): Promise<(ImageInput & Disposable) | undefined>;
  /** Removes one image; one that is not there is a success. */
  remove(driveId: string, generation: number): Promise<void>;
  /** Removes a drive's folder and all in it; one that is not there is a success. */
  removeDrive(driveId: string): Promise<void>;
  /** What stands in the store, but for drives that somebody holds or places an image of; with `held` that too. */
  list(which?: { readonly held: boolean }): Promise<readonly StoredFile[]>;
  /** Removes one thing that `list` named. */
  discard(file: StoredFile): Promise<void>;
}
