import { join } from "node:path";
import { QmpClient } from "#adapters/qemu/qmp.js";
import type { BareMachine } from "#integration/rigs/bare-machine.js";
import type { Way } from "./bare-libvirt.js";

const wait = () => AbortSignal.timeout(30_000);

/** QEMU's own commands on a monitor that stands, until it shows the device, or that it is gone: what cannot be had for less. */
export async function bareCommands(machine: BareMachine, filename: string): Promise<Way & AsyncDisposable> {
  const client = await QmpClient.connect(join(machine.folder, "test.sock"), 5000, wait());
  const node = { driver: "raw", "node-name": "bare", "read-only": true };
  return {
    attach: async () => {
      await client.execute("blockdev-add", { ...node, file: { driver: "file", filename, "read-only": true } }, wait());
      await client.execute("device_add", { driver: "scsi-cd", id: "bare", bus: "scsi0.0", drive: "bare" }, wait());
      await client.execute("query-block", {}, wait());
    },
    detach: async () => {
      const listening = new AbortController();
      const events = client.listen(listening.signal);
      const gone = (async () => {
        for await (const { event } of events) if (event === "DEVICE_DELETED") return;
      })();
      await client.execute("device_del", { id: "bare" }, wait());
      await gone;
      listening.abort();
      await client.execute("blockdev-del", { "node-name": "bare" }, wait());
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
