import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { FileHypervisor } from "#adapters/file/adapter.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import type { Backend, BackendKind, Instance } from "./backend.js";

/** Folders: who reads one is the guest. An instance is on while its folder is there. */
export const fileBackend: BackendKind = {
  adapter: "file",
  where: "folder",
  abilities: ["disks"],
  machines: ["folder"],
  forms: [
    { kind: "cdrom", bus: "virtio" },
    { kind: "disk", bus: "virtio" },
  ],
  start: async (): Promise<Backend> => {
    const directory = await privateDirectory("folders");
    const root = join(directory, "instances");
    await mkdir(root);
    return {
      against: "the file system",
      images: directory,
      open: () => new FileHypervisor(root),
      instance: async () => folderInstance(root),
      [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
    };
  },
};

/** An instance that is a folder below `root`, on while the folder is there. Who reads the files in it is its guest. */
export function folderInstance(root: string): Instance {
  const id = randomUUID();
  const folder = join(root, id);
  const make = async () => void (await mkdir(folder, { recursive: true }));
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    id,
    stage: make,
    start: make,
    booted: async () => undefined,
    powerOff: remove,
    reads: async (...images) => {
      const seen: string[] = [];
      for (const name of await readdir(folder)) {
        seen.push(
          createHash("sha256")
            .update(await readFile(join(folder, name)))
            .digest("hex"),
        );
      }
      expect(seen.sort()).toEqual(images.map(({ sha256 }) => sha256).sort());
    },
    [Symbol.asyncDispose]: remove,
  };
}
