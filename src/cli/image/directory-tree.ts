import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource, DirectoryEntry, FileEntry, FileTree } from "#image/tree.js";
import { CommandFailure } from "../failure.js";

const CHUNK = 256 * 1024;

/** A source that reads a file when the image is written; the file must be the one that was measured. */
export function fileSource(path: string, size: number): ByteSource {
  return {
    size,
    async *read(signal) {
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: CHUNK, signal }))
          yield chunk;
      } finally {
        await handle.close();
      }
    },
  };
}

/** Bytes of a file, which is no link. */
export async function measured(path: string): Promise<number> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/**
 * The files and directories below a directory, without following links; file bytes are read when the image is written.
 * Throws `CommandFailure` for what a drive cannot hold: links, devices, sockets, names that are not UTF-8.
 */
export async function directoryTree(root: string): Promise<FileTree> {
  const files: FileEntry[] = [];
  const directories: DirectoryEntry[] = [];
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(root, below), { withFileTypes: true, encoding: "buffer" })) {
      const name = entry.name.toString("utf8");
      const path = below === "" ? name : `${below}/${name}`;
      if (!Buffer.from(name, "utf8").equals(entry.name)) throw new CommandFailure(`${path}: a name must be UTF-8`);
      if (entry.isDirectory()) {
        directories.push({ path });
        await visit(path);
      } else if (entry.isFile()) {
        const full = join(root, path);
        files.push({ path, data: fileSource(full, await measured(full)) });
      } else {
        throw new CommandFailure(`${path}: only files and directories go on a drive, not links, devices or sockets`);
      }
    }
  };
  await visit("");
  return { files, directories };
}
