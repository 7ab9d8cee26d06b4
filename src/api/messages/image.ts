import type { EntryChange } from "#drive/diff.js";
import type { InspectedEntry, InspectedImage } from "#drive/inspect.js";
import {
  type EntryChange as EntryChangeMessage,
  EntryKind,
  type Entry as EntryMessage,
  type Image as ImageMessage,
} from "#gen/configdrive/v1/image.js";
import { formatMessage } from "./image-format.js";

const KINDS: Readonly<Record<InspectedEntry["kind"], EntryKind>> = {
  file: EntryKind.ENTRY_KIND_FILE,
  directory: EntryKind.ENTRY_KIND_DIRECTORY,
  symlink: EntryKind.ENTRY_KIND_LINK,
  other: EntryKind.ENTRY_KIND_UNSPECIFIED,
};

/** What an image holds, in the contract's words. */
export function imageMessage(image: InspectedImage): ImageMessage {
  return {
    ...image,
    format: formatMessage(image.format),
    sizeBytes: BigInt(image.sizeBytes),
    entries: image.entries.map(entryMessage),
  };
}

/** What changes of one entry, in the contract's words. */
export function changeMessage({ path, before, after }: EntryChange): EntryChangeMessage {
  return {
    path,
    before: before === undefined ? undefined : entryMessage(before),
    after: after === undefined ? undefined : entryMessage(after),
  };
}

function entryMessage(entry: InspectedEntry): EntryMessage {
  return { ...entry, kind: KINDS[entry.kind], sizeBytes: BigInt(entry.sizeBytes) };
}
