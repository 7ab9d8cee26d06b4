import { ImageFormat } from "#gen/configdrive/v1/drive.js";
import { type Entry, type EntryChange, EntryKind, type Image } from "#gen/configdrive/v1/image.js";
import { printable } from "../image/tree-view.js";
import { nameOf } from "./drive-view.js";

/** The lines of an image: what it is, then each file with size and SHA-256. */
export function imageView(image: Image | undefined): string[] {
  if (image === undefined) return [];
  return [
    `generation ${image.generation}`,
    `  format  ${nameOf(ImageFormat, "IMAGE_FORMAT_", image.format).toLowerCase()}`,
    `  label   ${image.label === "" ? "none" : printable(image.label)}`,
    `  uuid    ${image.uuid === "" ? "none" : image.uuid}`,
    `  size    ${image.sizeBytes.toLocaleString("en-US")} bytes`,
    `  sha256  ${image.sha256}`,
    ...image.entries.map((entry) => `  ${entryView(entry)}`),
  ];
}

/** The lines of a difference: `+` what is new, `-` what goes, `~` what is other. */
export function changesView(changes: readonly EntryChange[]): string[] {
  return changes.map(({ before, after }) => {
    if (before === undefined) return `+ ${after === undefined ? "" : entryView(after)}`;
    if (after === undefined) return `- ${entryView(before)}`;
    return `~ ${entryView(after)}  was ${before.sizeBytes} bytes, sha256 ${before.sha256}`;
  });
}

function entryView({ path, kind, sizeBytes, sha256 }: Entry): string {
  const name = path === "" ? "the volume" : printable(path);
  return kind === EntryKind.ENTRY_KIND_FILE ? `${name}  ${sizeBytes} bytes  sha256 ${sha256}` : `${name}/`;
}
