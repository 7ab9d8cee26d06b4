import { methodOf } from "#api/contract.js";
import type { File } from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";
import type { ByteSource, FileTree } from "#image/tree.js";
import { CommandFailure } from "../failure.js";
import type { BuildContent } from "../image/content.js";

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
