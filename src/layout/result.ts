import type { FileTree } from "#image/tree.js";

/** Config data made into files. */
export interface LaidOut {
  readonly tree: FileTree;
  /** The volume label that readers of this layout look for. */
  readonly label: string;
  /** The largest image, in bytes, that readers of this layout find; unset where they set no limit. */
  readonly maxImageBytes?: number;
}
