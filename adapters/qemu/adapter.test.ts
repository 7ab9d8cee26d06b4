import { basename, dirname, join } from "node:path";
import type { Device } from "#drive/drive.js";
import { QemuHypervisor } from "./adapter.js";
import { deviceId, nodeName } from "./names.js";
import { type Script, ScriptedMonitor } from "./scripted-monitor.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const device: Device = { kind: "disk", bus: "virtio", name: deviceId(drive), reason: "" };
const wait = () => ({ signal: AbortSignal.timeout(5000) });

/** A machine that shows generation 1 of the drive as a disk; what else it answers is the test's. */
function showing(rest: Script): Script {
  const qdev = `/machine/peripheral/${deviceId(drive)}/virtio-backend`;
  const inserted = { "node-name": nodeName(drive, 1), file: "/1.img" };
  return (command, reply, peer) => {
    if (command.execute === "query-block") reply({ return: [{ qdev, locked: false, inserted }], id: command.id });
    else rest(command, reply, peer);
  };
}

function adapterOf(monitor: ScriptedMonitor): QemuHypervisor {
  const socketTemplate = join(dirname(monitor.path), "{instance_id}.sock");
  return new QemuHypervisor({ socketTemplate, answerMs: 1000, unplugMs: 1000 });
}

const instanceOf = (monitor: ScriptedMonitor) => basename(monitor.path, ".sock");

test.each([0, 1, 3])(
  "a detach succeeds when QEMU ends under it, also while its socket lets %d more in",
  async (clients) => {
    await using monitor = await ScriptedMonitor.open(
      showing(({ execute }) => {
        if (execute === "device_del") monitor.end(clients);
      }),
    );
    const hypervisor = adapterOf(monitor);
    await expect(hypervisor.detach(instanceOf(monitor), drive, device, false, wait())).resolves.toBeUndefined();
  },
);

test("a detach fails when the monitor is lost and QEMU lives on", async () => {
  await using monitor = await ScriptedMonitor.open(showing((_command, _reply, peer) => peer.destroy()));
  const hypervisor = adapterOf(monitor);
  await expect(hypervisor.detach(instanceOf(monitor), drive, device, false, wait())).rejects.toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
    message: expect.stringContaining("the monitor was lost"),
  });
});

test("a guest that refuses to let its device go is busy at once", async () => {
  await using monitor = await ScriptedMonitor.open(
    showing(({ execute, id }, reply) => {
      reply({ return: {}, id });
      if (execute === "device_del") reply({ event: "DEVICE_UNPLUG_GUEST_ERROR", data: { device: deviceId(drive) } });
    }),
  );
  const hypervisor = adapterOf(monitor);
  await expect(hypervisor.detach(instanceOf(monitor), drive, device, false, wait())).rejects.toMatchObject({
    reason: "DEVICE_BUSY",
    message: expect.stringContaining("the guest refused"),
  });
});

test("what QEMU shows is observed by drive and generation", async () => {
  await using monitor = await ScriptedMonitor.open(showing(() => undefined));
  await expect(adapterOf(monitor).observe(instanceOf(monitor), wait())).resolves.toEqual([
    { driveId: drive, generation: 1, deviceName: deviceId(drive) },
  ]);
});
