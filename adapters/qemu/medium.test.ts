import { basename, dirname, join } from "node:path";
import type { Device } from "#drive/drive.js";
import type { PlacedImage } from "#drive/hypervisor.js";
import { QemuHypervisor } from "./adapter.js";
import { deviceId, nodeName } from "./names.js";
import { ScriptedMonitor } from "./scripted-monitor.js";

const driveId = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const device: Device = { kind: "cdrom", bus: "scsi", name: deviceId(driveId), reason: "" };
const image: PlacedImage = { driveId, generation: 2, path: "/2.img", sizeBytes: 2048, format: "raw" };

/** A CD drive with generation 1 in it, and a guest that closes the tray before some of the commands that need it open. */
class Tray {
  node: string | undefined = nodeName(driveId, 1);
  open = false;

  constructor(private closings: number) {}

  /** @returns what QEMU answers: an error's description, or nothing */
  do(command: string, named: string | undefined): string | undefined {
    if (command === "blockdev-open-tray") this.open = true;
    if (command === "blockdev-close-tray") this.open = false;
    if (command !== "blockdev-remove-medium" && command !== "blockdev-insert-medium") return undefined;
    if (this.closings-- > 0) this.open = false;
    if (!this.open) return "Tray of the device is not open";
    this.node = command === "blockdev-insert-medium" ? named : undefined;
    return undefined;
  }

  get block(): object {
    const inserted = this.node === undefined ? {} : { inserted: { "node-name": this.node, file: "/some.img" } };
    return { qdev: deviceId(driveId), locked: false, tray_open: this.open, ...inserted };
  }
}

async function refresh(tray: Tray): Promise<void> {
  await using monitor = await ScriptedMonitor.open(({ execute, id, arguments: args }, reply) => {
    if (execute === "query-block") return reply({ return: [tray.block], id });
    if (execute === "query-named-block-nodes") return reply({ return: [], id });
    const desc = tray.do(execute, args?.["node-name"]);
    return reply(desc === undefined ? { return: {}, id } : { error: { class: "GenericError", desc }, id });
  });
  const socketTemplate = join(dirname(monitor.path), "{instance_id}.sock");
  const hypervisor = new QemuHypervisor({ socketTemplate, answerMs: 1000, unplugMs: 1000 });
  const wait = { signal: AbortSignal.timeout(5000) };
  await hypervisor.refresh(basename(monitor.path, ".sock"), image, device, false, wait);
}

test.each([0, 1, 2, 7])(
  "a tray that the guest closes %d times is opened again, and the new medium goes in",
  async (closings) => {
    const tray = new Tray(closings);
    await refresh(tray);
    expect(tray).toMatchObject({ node: nodeName(driveId, 2), open: false });
  },
);

test("a tray that the guest closes for too long is busy, and the old medium is in it again", async () => {
  const tray = new Tray(60);
  await expect(refresh(tray)).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
  expect(tray).toMatchObject({ node: nodeName(driveId, 1), open: false });
});
