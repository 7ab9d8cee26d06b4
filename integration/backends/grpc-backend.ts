import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { GrpcHypervisor } from "#adapters/grpc/adapter.js";
import { FolderAdapter } from "#integration/rigs/folder-adapter.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import type { Backend, BackendKind } from "../adapters/backend.js";
import { folderInstance } from "../adapters/file-backend.js";

/** The sample adapter in Python, at a unix socket: its instances are folders, who reads one is the guest. */
export const grpcBackend: BackendKind = {
  adapter: "grpc",
  where: "the Python sample, at a unix socket",
  abilities: ["disks", "restarts", "hangs"],
  machines: ["folder"],
  forms: [
    { kind: "cdrom", bus: "scsi" },
    { kind: "disk", bus: "virtio" },
  ],
  start: async (): Promise<Backend> => {
    const directory = await privateDirectory("grpc-adapter");
    const root = join(directory, "instances");
    await mkdir(root);
    const adapter = await FolderAdapter.start(directory, root).catch(async (error: unknown) => {
      await rm(directory, { recursive: true });
      throw error;
    });
    return {
      against: `grpcio ${await adapter.grpcVersion()}, the file system`,
      images: directory,
      open: ({ answerMs }) => new GrpcHypervisor({ target: adapter.target, answerMs }),
      instance: async () => ({ ...folderInstance(root), hang: () => adapter.hang() }),
      restart: () => adapter.restart(),
      [Symbol.asyncDispose]: async () => {
        await adapter[Symbol.asyncDispose]();
        await rm(directory, { recursive: true });
      },
    };
  },
};
