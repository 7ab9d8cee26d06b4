import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { IronicHypervisor, type IronicOptions } from "#adapters/ironic/adapter.js";
import { Ironic } from "#integration/rigs/ironic.js";
import type { Backend, BackendKind, Instance, Patience } from "../adapters/backend.js";

/**
 * Debian's Ironic with nodes of fake hardware, which have no guest: what counts as read is what the last deploy wrote onto the
 * node's disk. Nodes may be rebuilt.
 */
export const ironicBackend: BackendKind = {
  adapter: "ironic",
  where: "TLS, password; a file in place of a node's disk, rebuilds allowed",
  abilities: ["disks", "stores", "restarts", "hangs", "credentials"],
  machines: ["node"],
  forms: [{ kind: "disk", bus: "scsi" }],
  drives: 1,
  start: async (): Promise<Backend> => {
    const ironic = await Ironic.start();
    const images = join(ironic.directory, "images");
    await mkdir(images);
    const stranger = { kind: "basic", user: "configdrive", password: { reveal: () => "a-wrong-one" } } as const;
    return {
      against: `Ironic ${await ironic.version()}, fake hardware`,
      images,
      open: (patience) => openOn(ironic, patience),
      openAsStranger: (patience) => openOn(ironic, patience, { credentials: stranger }),
      instance: () => instanceOf(ironic),
      restart: () => ironic.restart(),
      kept: () => ironic.kept(),
      [Symbol.asyncDispose]: () => ironic[Symbol.asyncDispose](),
    };
  },
};

/** The adapter as a service opens it. */
export function openOn(
  ironic: Ironic,
  { answerMs, unplugMs }: Patience,
  change: Partial<IronicOptions> = {},
): IronicHypervisor {
  const { url, caFile, credentials } = ironic;
  return new IronicHypervisor({
    ...{ url, caFile, credentials, answerMs },
    ...{ lockMs: answerMs, deployMs: unplugMs, rebuild: true, maxTextBytes: 64 * 1024 * 1024 },
    ...change,
  });
}

async function instanceOf(ironic: Ironic): Promise<Instance> {
  const node = await ironic.node();
  return {
    id: node.id,
    stage: async () => undefined,
    start: () => node.start(),
    booted: async () => undefined,
    powerOff: () => node.power("power off"),
    reads: async (...images) => {
      expect(await node.disk()).toEqual(images.map(({ sha256 }) => sha256).sort());
    },
    hang: () => ironic.hang(),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}
