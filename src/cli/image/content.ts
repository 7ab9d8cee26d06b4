import { readFileSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import type { ByteSource, FileTree } from "#image/tree.js";
import { parseDocument } from "#layout/document.js";
import { type GuestProfile, guestDefaults } from "#layout/guest-profile.js";
import { LAYOUTS, type LayoutName } from "#layout/layouts.js";
import { CommandFailure } from "../failure.js";
import { directoryTree } from "./directory-tree.js";

/** Where the content of a new image comes from; exactly one of the three. */
export interface ContentOptions {
  readonly layout?: LayoutName;
  readonly data?: string;
  readonly tree?: string;
  readonly blob?: string;
  readonly format?: "iso9660" | "vfat" | "raw";
  readonly guest: GuestProfile;
}

/** What goes into an image, and the form that suits it. */
export type BuildContent =
  | { readonly kind: "blob"; readonly blob: ByteSource }
  | {
      readonly kind: "tree";
      readonly tree: FileTree;
      readonly format: "iso9660" | "vfat";
      readonly label: string;
      /** The largest image that the readers of the layout in this guest take; infinite where they set no limit. */
      readonly maxImageBytes: number;
    };

function blobSource(path: string, size: number): ByteSource {
  return {
    size,
    async *read(signal) {
      await using handle = await open(path);
      for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20, signal }))
        yield chunk;
    },
  };
}

/** The text of a file; of standard input for `-`. Throws `CommandFailure` when it is not UTF-8. */
export function readText(path: string): string {
  const bytes = readFileSync(path === "-" ? 0 : path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(`${path}: must be UTF-8`);
    throw error;
  }
}

function fileSystem(options: ContentOptions, fallback: "iso9660" | "vfat"): "iso9660" | "vfat" {
  if (options.format === "raw") throw new CommandFailure("--format raw is for --blob: files need a file system");
  return options.format ?? fallback;
}

/** Reads what the options name. Throws `CommandFailure` when they do not go together, `LayoutRefusal` for data that does not fit. */
export async function readContent(options: ContentOptions): Promise<BuildContent> {
  const named = [options.layout, options.tree, options.blob].filter((each) => each !== undefined);
  if (named.length !== 1) throw new CommandFailure("give exactly one of --layout with --data, --tree, or --blob");
  if ((options.layout === undefined) !== (options.data === undefined)) {
    throw new CommandFailure("--layout and --data go together");
  }
  if (options.blob !== undefined) {
    if (options.format !== undefined && options.format !== "raw")
      throw new CommandFailure("--blob is always --format raw");
    return { kind: "blob", blob: blobSource(options.blob, (await stat(options.blob)).size) };
  }
  if (options.layout !== undefined && options.data !== undefined) {
    const {
      tree,
      label,
      maxImageBytes = Number.POSITIVE_INFINITY,
    } = LAYOUTS[options.layout](parseDocument(readText(options.data)));
    const asked = fileSystem(options, guestDefaults(options.guest, options.layout).format);
    const guest = guestDefaults(options.guest, options.layout, { format: asked });
    const most = Math.min(maxImageBytes, guest.maxImageBytes ?? Number.POSITIVE_INFINITY);
    return { kind: "tree", tree, format: guest.format, label, maxImageBytes: most };
  }
  const tree = await directoryTree(options.tree ?? "");
  return {
    kind: "tree",
    tree,
    format: fileSystem(options, "iso9660"),
    label: "config-2",
    maxImageBytes: Number.POSITIVE_INFINITY,
  };
}
