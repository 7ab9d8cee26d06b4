import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { VsphereHypervisor } from "#adapters/vsphere/adapter.js";
import { Vcsim, type VcsimReach } from "#integration/rigs/vcsim.js";
import type { Backend, BackendKind, Instance, Patience } from "../adapters/backend.js";

/**
 * govmomi's simulator of a vCenter. Its machines have no guest: what counts as read is the file of the datastore that a
 * connected CD-ROM names.
 */
export const vsphereBackend: BackendKind = {
  adapter: "vsphere",
  where: "TLS, the datastore's files in place of a guest",
  abilities: ["stores", "hangs", "credentials"],
  machines: ["sata"],
  forms: [{ kind: "cdrom", bus: "sata" }],
  start: async (): Promise<Backend> => {
    const vcsim = await Vcsim.start();
    const images = join(vcsim.directory, "images");
    await mkdir(images);
    const stranger = { ...vcsim.reach, password: { reveal: () => "a-wrong-one" } };
    return {
      against: `vcsim of govmomi ${await vcsim.version()}`,
      images,
      open: (patience) => openOn(vcsim.reach, patience),
      openAsStranger: (patience) => openOn(stranger, patience),
      instance: () => instanceOf(vcsim),
      kept: () => vcsim.kept(),
      [Symbol.asyncDispose]: () => vcsim[Symbol.asyncDispose](),
    };
  },
};

/** The adapter as a service opens it. */
export function openOn(reach: VcsimReach, { answerMs, unplugMs }: Patience): VsphereHypervisor {
  return new VsphereHypervisor({ ...reach, answerMs, taskMs: unplugMs });
}

async function instanceOf(vcsim: Vcsim): Promise<Instance> {
  const machine = await vcsim.machine();
  return {
    id: machine.id,
    stage: async () => undefined,
    start: () => machine.powerOn(),
    booted: async () => undefined,
    powerOff: () => machine.powerOff(),
    reads: async (...images) => {
      expect(await machine.media()).toEqual(images.map(({ sha256 }) => sha256).sort());
    },
    hang: () => vcsim.hang(),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}
