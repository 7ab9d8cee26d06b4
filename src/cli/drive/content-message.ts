import { methodOf } from "#api/contract.js";
import { type File, GuestProfile, Layout } from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import type { ByteSource, FileTree } from "#image/tree.js";
import { CommandFailure } from "../failure.js";
import { type BuildContent, type ContentOptions, readText } from "../image/content.js";

const LAYOUTS: Readonly<Record<NonNullable<ContentOptions["layout"]>, Layout>> = {
  openstack: Layout.LAYOUT_OPENSTACK,
  nocloud: Layout.LAYOUT_NOCLOUD,
  ovf: Layout.LAYOUT_OVF,
  opennebula: Layout.LAYOUT_OPENNEBULA,
};

const GUESTS: Readonly<Record<ContentOptions["guest"], GuestProfile>> = {
  linux: GuestProfile.GUEST_PROFILE_LINUX,
  windows: GuestProfile.GUEST_PROFILE_WINDOWS,
  minimal: GuestProfile.GUEST_PROFILE_MINIMAL,
};

/**
 * Config data as a request carries it: the service makes the files, and keeps the data. `undefined` where the options name none.
 * Throws `CommandFailure` where they do not go together.
 */
export function configDataMessage({
  layout,
  data,
  tree,
  blob,
  guest,
}: ContentOptions): PopulateVolumeRequest["content"] {
  if (layout === undefined && data === undefined) return undefined;
  if (layout === undefined || data === undefined) throw new CommandFailure("--layout and --data go together");
  if (tree !== undefined || blob !== undefined) {
    throw new CommandFailure("give exactly one of --layout with --data, --tree, or --blob");
  }
  return { $case: "configData", value: { layout: LAYOUTS[layout], json: readText(data), guest: GUESTS[guest] } };
}

/**
 * Content as a request carries it. Equal files travel once: the others are `same_as` the first.
 * Throws `CommandFailure` where it holds more than one request may.
 */
export async function contentMessage(content: BuildContent): Promise<NonNullable<PopulateVolumeRequest["content"]>> {
  const room = new Room(methodOf("PopulateVolume").request.maxInlineBytes ?? Number.POSITIVE_INFINITY);
  if (content.kind === "blob")
    return { $case: "blob", value: { data: await room.read(content.blob), elsewhere: undefined } };
  return { $case: "files", value: await treeMessage(content.tree, room) };
}

async function treeMessage(tree: FileTree, room: Room) {
  const firstOf = new Map<string, string>();
  const files: File[] = [];
  for (const { path, mode, data: source } of tree.files) {
    const bytes = await room.read(source);
    const key = bytes.toString("latin1");
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, path);
    else room.giveBack(bytes.length);
    const data =
      first === undefined
        ? ({ $case: "content", value: bytes } as const)
        : ({ $case: "sameAs", value: first } as const);
    files.push({ path, mode, data });
  }
  const directories = (tree.directories ?? []).map(({ path, mode }) => ({ path, mode }));
  return { files, directories };
}

/** The bytes that one request may hold; what would not fit is not read into memory. */
class Room {
  #left: number;
  constructor(readonly bytes: number) {
    this.#left = bytes;
  }

  async read(source: ByteSource): Promise<Buffer> {
    if (source.size > this.#left) {
      throw new CommandFailure(`there is more content than one request may hold: ${this.bytes} bytes`);
    }
    this.#left -= source.size;
    if (source.read === undefined) return Buffer.from(source.bytes);
    const chunks: Uint8Array[] = [];
    for await (const chunk of source.read()) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}
