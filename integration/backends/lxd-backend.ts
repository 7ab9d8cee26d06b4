import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LxdHypervisor } from "#adapters/lxd/adapter.js";
import { expectedFiles, Lxd } from "#integration/rigs/lxd.js";
import type { Backend, BackendKind, Instance } from "../adapters/backend.js";

/** A private LXD: what its containers read are the files of the image, each by its digest. */
export const lxdBackend: BackendKind = {
  adapter: "lxd",
  where: "unix socket, containers that read files",
  abilities: ["disks", "boots", "stores", "hangs"],
  machines: ["container"],
  forms: [{ kind: "disk", bus: "virtio" }],
  start: async (): Promise<Backend> => {
    const lxd = await Lxd.start();
    const images = join(lxd.directory, "images");
    await mkdir(images);
    const { socket, trees, mountPath } = lxd;
    return {
      against: `LXD ${await lxd.version()}`,
      images,
      open: ({ answerMs }) => new LxdHypervisor({ socket, trees, mountPath, answerMs }),
      instance: () => instanceOf(lxd),
      kept: () => lxd.kept(),
      [Symbol.asyncDispose]: () => lxd[Symbol.asyncDispose](),
    };
  },
};

async function instanceOf(lxd: Lxd): Promise<Instance> {
  const container = await lxd.container();
  return {
    id: container.name,
    stage: async () => undefined,
    start: () => container.start(),
    booted: () => container.booted(),
    powerOff: () => container.powerOff(),
    reads: async (...images) => {
      const expected = await Promise.all(images.map((image) => expectedFiles(image, lxd.directory)));
      expect(await container.files()).toEqual(expected.flat().sort());
    },
    hang: () => lxd.hang(),
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}
