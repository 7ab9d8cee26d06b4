import { z } from "zod";
import type { PlacedImage } from "#drive/hypervisor.js";
import { type BlockDevice, blockDevices } from "./blocks.js";
import { nodeName, parseNodeName } from "./names.js";
import type { Session } from "./session.js";

/** The part of QEMU's `BlockDeviceInfo` (qapi/block-core.json) that tells of a node. */
const namedNodes = z.array(z.object({ "node-name": z.string().optional() }));

/** Adds the read-only block node of an image, not yet shown by any device, and gives its name. */
export async function addNode(session: Session, image: PlacedImage): Promise<string> {
  const name = nodeName(image.driveId, image.generation);
  await session.do("blockdev-add", {
    driver: "raw",
    "node-name": name,
    "read-only": true,
    file: { driver: "file", filename: image.path },
  });
  return name;
}

/** Removes a node that no device shows any more. */
export async function removeNode(session: Session, name: string): Promise<void> {
  await session.do("blockdev-del", { "node-name": name });
}

/** What a machine has, as of one moment. */
export interface Blocks {
  /** Every block device that the guest has, ours and others. */
  readonly devices: readonly BlockDevice[];
  /** The names of all nodes, shown by a device or not. */
  readonly nodes: readonly string[];
}

/** Asks for devices and nodes at once. */
export async function lookAtBlocks(session: Session): Promise<Blocks> {
  const [devices, nodes] = await Promise.all([
    blockDevices(session),
    session.run("query-named-block-nodes", { flat: true }, namedNodes),
  ]);
  return { devices, nodes: nodes.flatMap(({ "node-name": name }) => name ?? []) };
}

/**
 * Removes the nodes of a drive that no device shows: what an attach or detach that was cut short has left.
 * @param seen - what was just looked at; QEMU itself removes no node that a device shows
 */
export async function removeUnusedNodes(session: Session, driveId: string, seen?: Blocks): Promise<void> {
  const { devices, nodes } = seen ?? (await lookAtBlocks(session));
  const shown = new Set(devices.map((device) => device.node));
  for (const name of nodes) {
    if (shown.has(name) || parseNodeName(name)?.driveId !== driveId) continue;
    await removeNode(session, name);
  }
}
