import { z } from "zod";
import { driveOfDevice, parseNodeName } from "./names.js";
import type { Session } from "./session.js";

/** The parts of QEMU's `BlockInfo` (qapi/block-core.json) that tell what a guest sees. */
const blockInfos = z.array(
  z.object({
    qdev: z.string().optional(),
    locked: z.boolean(),
    tray_open: z.boolean().optional(),
    inserted: z.object({ "node-name": z.string().optional(), file: z.string() }).optional(),
  }),
);

/** A guest's block device as query-block shows it. */
export interface BlockDevice {
  /** The qdev id or QOM path. */
  readonly qdev: string;
  /** Set when it is a device of ours. */
  readonly driveId: string | undefined;
  /** The node inserted, by name. */
  readonly node: string | undefined;
  /** The file that the node reads. */
  readonly file: string | undefined;
  readonly locked: boolean;
  /** Always false for a device without a tray. */
  readonly trayOpen: boolean;
}

/** Every block device that the guest has, ours and others. */
export async function blockDevices(session: Session): Promise<BlockDevice[]> {
  const blocks = await session.run("query-block", {}, blockInfos);
  return blocks.map((block) => ({
    qdev: block.qdev ?? "",
    driveId: driveOfDevice(block.qdev ?? ""),
    node: block.inserted?.["node-name"],
    file: block.inserted?.file,
    locked: block.locked,
    trayOpen: block.tray_open ?? false,
  }));
}

/** The device of one drive, if the guest has it. */
export async function findDevice(session: Session, driveId: string): Promise<BlockDevice | undefined> {
  return (await blockDevices(session)).find((device) => device.driveId === driveId);
}

/** The generation that a device shows; 0 when its tray is open, or when there is no medium of that drive in it. */
export function shownGeneration(device: BlockDevice): number {
  if (device.trayOpen || device.node === undefined) return 0;
  const node = parseNodeName(device.node);
  return node !== undefined && node.driveId === device.driveId ? node.generation : 0;
}
