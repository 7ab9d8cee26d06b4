import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImageServerOptions } from "#adapters/ironic/media/image-server.js";
import { versionOf } from "#integration/rigs/ironic-environment.js";
import { freePort } from "#integration/rigs/ports.js";
import { RedfishIronic, type RedfishNode } from "#integration/rigs/redfish.js";
import type { Backend, BackendKind, Instance } from "../adapters/backend.js";
import { openOn } from "./ironic-backend.js";

/**
 * An Ironic with redfish hardware, whose nodes are deployed and get drives as virtual media: what counts as read is what the BMC has in
 * its CD drive, asked for past Ironic. A node that is switched off takes a CD for its next start. None may be rebuilt.
 */
export const ironicMediaBackend: BackendKind = {
  adapter: "ironic",
  where: "virtual media: TLS, password; an emulated BMC's CD drive in place of a guest",
  abilities: ["stores", "restarts", "hangs", "credentials"],
  machines: ["node"],
  forms: [{ kind: "cdrom", bus: "usb" }],
  drives: 1,
  start: async (): Promise<Backend> => {
    const rig = await RedfishIronic.start();
    const { ironic } = rig;
    const images = join(ironic.directory, "images");
    await mkdir(images);
    // It listens from its first image on, and of the adapters that are open at once only one hands images out.
    const media = await servedOn(rig);
    const stranger = { kind: "basic", user: "configdrive", password: { reveal: () => "a-wrong-one" } } as const;
    const left: string[] = [];
    return {
      against: `Ironic ${await ironic.version()}, BMCs of sushy-tools ${await versionOf("sushy-tools")}`,
      images,
      open: (patience) => openOn(ironic, patience, { rebuild: false, media }),
      openAsStranger: (patience) => openOn(ironic, patience, { rebuild: false, media, credentials: stranger }),
      instance: () => instanceOf(rig, left),
      restart: () => ironic.restart(),
      kept: async () => left,
      [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    };
  },
};

/** How an adapter hands images to the conductor of this rig: over TLS, on a free port. */
export async function servedOn({ ironic }: RedfishIronic): Promise<ImageServerOptions> {
  const port = await freePort();
  const { certificate, key } = ironic.certificates.server;
  return { host: "127.0.0.1", port, url: `https://localhost:${port}`, newName: randomUUID, tls: { certificate, key } };
}

/** @param left - takes whatever a node still has for drives when it is given up */
async function instanceOf(rig: RedfishIronic, left: string[]): Promise<Instance> {
  const node = await rig.node();
  // Whoever had the machine before may have left it on.
  await node.power("power off");
  return {
    id: node.id,
    stage: async () => undefined,
    start: () => node.power("power on"),
    booted: async () => undefined,
    powerOff: () => node.power("power off"),
    reads: async (...images) => {
      expect(await node.reads()).toBe(images[0]?.sha256);
    },
    hang: () => rig.ironic.hang(),
    [Symbol.asyncDispose]: async () => {
      left.push(...(await keptOn(node)));
      await node[Symbol.asyncDispose]();
    },
  };
}

/** What the adapter has on a node for drives: marks, and what is inserted. */
async function keptOn(node: RedfishNode): Promise<readonly string[]> {
  const marks = Object.keys(await node.extra()).map((name) => `${name} on node ${node.uuid}`);
  return (await node.reads()) === undefined ? marks : [...marks, `a CD in node ${node.uuid}`];
}
