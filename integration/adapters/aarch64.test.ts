import { randomUUID } from "node:crypto";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import { LibvirtLauncher } from "#adapters/libvirt/launcher.js";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { QemuLauncher } from "#adapters/qemu/launcher.js";
import { Monitors } from "#adapters/qemu/monitors.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import type { ShownDrive } from "#drive/launcher.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";
import { LaunchedMachines } from "#integration/rigs/launched-machines.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { put, seen, wait } from "./case.js";

const limits = { answerMs: 20_000, unplugMs: 20_000 };
const ports = ["pcie-root-port,id=rp1,chassis=1"];

const imageAt = (path: string, format: PlacedImage["format"] = "iso9660"): PlacedImage => ({
  ...{ driveId: randomUUID(), generation: 1, path, sizeBytes: 8192, format },
});
const refusal = (message: RegExp) => ({ reason: "BUS_NOT_AVAILABLE", message: expect.stringMatching(message) });

describe("a machine of QEMU's", () => {
  test("a CD-ROM comes at a virtio-scsi controller, a disk at a root port; each says why", async () => {
    await using machine = await BareMachine.start("virt", ["virtio-scsi-pci,id=scsi0", ...ports]);
    const hypervisor = new QemuHypervisor({ socketTemplate: machine.socketTemplate, ...limits });
    const [iso, raw] = [imageAt(await machine.image("1", 1)), imageAt(await machine.image("2", 2), "raw")];
    const cdrom = await put(hypervisor, machine.instanceId, iso, {});
    expect(cdrom).toMatchObject({ kind: "cdrom", bus: "scsi", reason: expect.stringContaining("bus scsi0.0") });
    const disk = await put(hypervisor, machine.instanceId, raw, {});
    expect(disk).toMatchObject({ kind: "disk", bus: "virtio", reason: expect.stringContaining("root port rp1") });
    expect(await seen(hypervisor, machine.instanceId)).toEqual({ [iso.driveId]: 1, [raw.driveId]: 1 });
    await hypervisor.refresh(machine.instanceId, { ...iso, generation: 2 }, cdrom, false, wait());
    await hypervisor.detach(machine.instanceId, iso.driveId, cdrom, false, wait());
    expect(await seen(hypervisor, machine.instanceId)).toEqual({ [raw.driveId]: 1 });
    await hypervisor.close();
  });

  test.each<[string[], DeviceWish, RegExp]>([
    [ports, { bus: "ide" }, /QEMU plugs nothing into ide.*would work: disk on virtio \(PCI Express root port rp1\)/],
    [ports, { kind: "cdrom", bus: "sata" }, /plugs nothing into sata.*would work: disk on virtio/],
    [[], {}, /no virtio-scsi-pci controller; virt-.* needs a pcie-root-port with an id, and has none/],
  ])("with %j, %j is refused with what would work", async (devices, wish, message) => {
    await using machine = await BareMachine.start("virt", devices);
    const hypervisor = new QemuHypervisor({ socketTemplate: machine.socketTemplate, ...limits });
    const image = imageAt(await machine.image("1", 1));
    await expect(hypervisor.choose(machine.instanceId, image, wish, wait())).rejects.toMatchObject(refusal(message));
    await hypervisor.close();
  });
});

const shown = (image: PlacedImage, device: ShownDrive["device"]): ShownDrive => ({
  ...{ revision: 1, image, device, deleteOnTermination: true },
});

test("a machine that QEMU starts for us has its drives at virtio-scsi and at a root port of theirs", async () => {
  await using machines = await LaunchedMachines.make();
  const options = { socketTemplate: machines.socketTemplate, ...limits };
  const monitors = new Monitors(options);
  const launcher = new QemuLauncher({ ...options, programs: "/usr/bin" }, monitors);
  const hypervisor = new QemuHypervisor(options, monitors);
  const args = ["-machine", "virt,accel=tcg", "-m", "64", "-display", "none", "-nodefaults"];
  const template = JSON.stringify({ program: "qemu-system-aarch64", arguments: args });
  const instance = { id: randomUUID(), name: "vm", launchIndex: 0, template };
  await using beside = await BareMachine.start("virt", []);
  const [iso, raw] = [imageAt(await beside.image("1", 1)), imageAt(await beside.image("2", 2), "raw")];
  const devices = [await launcher.plan(instance, iso, {}), await launcher.plan(instance, raw, {})] as const;
  expect(devices).toMatchObject([
    { kind: "cdrom", bus: "scsi" },
    { kind: "disk", bus: "virtio" },
  ]);
  await expect(launcher.plan(instance, iso, { bus: "ide" })).rejects.toMatchObject(
    refusal(/a pcie machine has no device on ide.*would work: cdrom on scsi, disk on virtio, disk on scsi$/),
  );
  await launcher.launch(instance, [shown(iso, devices[0]), shown(raw, devices[1])], wait());
  expect(await seen(hypervisor, instance.id)).toEqual({ [iso.driveId]: 1, [raw.driveId]: 1 });
  await launcher.destroy(instance.id, wait());
  await hypervisor.close();
});

test("a domain of libvirt's: there from the start, taken, and back while it runs", async () => {
  await using daemon = await LibvirtDaemon.start();
  const options = { ...daemon.endpoint, ...limits };
  const [launcher, hypervisor] = [new LibvirtLauncher(options), new LibvirtHypervisor(options)];
  const template = `<domain type="qemu"><memory unit="MiB">64</memory>
    <os><type arch="aarch64" machine="virt">hvm</type></os><devices><controller type="usb" model="none"/></devices></domain>`;
  const instance = { id: randomUUID(), name: "vm", launchIndex: 0, template };
  const image = imageAt(await daemon.image("1", 1));
  const device = await launcher.plan(instance, image, {});
  expect(device).toMatchObject({ kind: "cdrom", bus: "scsi" });
  await launcher.launch(instance, [shown(image, device)], wait());
  expect(await seen(hypervisor, instance.id)).toEqual({ [image.driveId]: 1 });
  await hypervisor.detach(instance.id, image.driveId, device, false, wait());
  expect(await put(hypervisor, instance.id, image, {})).toMatchObject({ kind: "cdrom", bus: "scsi" });
  for (const bus of ["ide", "sata"] as const) {
    await expect(hypervisor.choose(instance.id, image, { bus }, wait())).rejects.toMatchObject(
      refusal(/libvirt plugs nothing into (ide|sata) while the guest runs; would work: cdrom on scsi/),
    );
  }
  await launcher.destroy(instance.id, wait());
  await hypervisor.close();
});
