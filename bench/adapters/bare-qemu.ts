import { join } from "node:path";
import { deviceId, nodeName } from "#adapters/qemu/names.js";
import { QmpClient } from "#adapters/qemu/qmp.js";
import type { BareMachine } from "#integration/rigs/bare-machine.js";
import type { Way } from "./bare-libvirt.js";

const wait = () => AbortSignal.timeout(30_000);
const driveId = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";

/**
 * QEMU's own commands on a monitor that stands, until it shows the device, or that it is gone: what cannot be had for less. It is the
 * same device as the service's, under names of the same length and with a serial number: QEMU reads its monitor byte by byte, at two
 * microseconds each.
 */
export async function bareCommands(machine: BareMachine, filename: string): Promise<Way & AsyncDisposable> {
  const client = await QmpClient.connect(join(machine.folder, "test.sock"), 5000, wait());
  const [id, drive, serial] = [deviceId(driveId), nodeName(driveId, 1), driveId.slice(0, 20)];
  const node = { driver: "raw", "node-name": drive, "read-only": true };
  return {
    attach: async () => {
      await client.execute("blockdev-add", { ...node, file: { driver: "file", filename } }, wait());
      await client.execute("device_add", { driver: "scsi-cd", bus: "scsi0.0", id, drive, serial }, wait());
      await client.execute("query-block", {}, wait());
    },
    detach: async () => {
      const listening = new AbortController();
      const events = client.listen(listening.signal);
      const gone = (async () => {
        for await (const { event } of events) if (event === "DEVICE_DELETED") return;
      })();
      await client.execute("device_del", { id }, wait());
      await gone;
      listening.abort();
      await client.execute("blockdev-del", { "node-name": drive }, wait());
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
