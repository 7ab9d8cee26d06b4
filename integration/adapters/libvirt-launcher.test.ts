import { randomUUID } from "node:crypto";
import { LibvirtLauncher } from "#adapters/libvirt/launcher.js";
import type { DeviceForm } from "#drive/hypervisor.js";
import { LibvirtDaemon } from "../rigs/libvirt-daemon.js";

const wait = () => ({ signal: AbortSignal.timeout(60_000) });

let daemon: LibvirtDaemon;
let launcher: LibvirtLauncher;

beforeAll(async () => {
  daemon = await LibvirtDaemon.start();
  launcher = new LibvirtLauncher({ ...daemon.endpoint, answerMs: 20_000, unplugMs: 20_000 });
}, 60_000);
afterAll(async () => daemon?.[Symbol.asyncDispose]());

/** Where the disks of a domain are, and their places in the boot order, as libvirt has them once it runs. */
async function disksOf(instanceId: string): Promise<string[]> {
  const xml = await daemon.xml(instanceId, "live");
  expect(xml).not.toContain("<boot dev=");
  return (xml.match(/<disk .*?<\/disk>/gs) ?? []).map((disk) => {
    const [, target] = /<target dev='(\w+)'/.exec(disk) ?? [];
    const [, controller, unit] = /controller='(\d+)' bus='0' target='0' unit='(\d+)'/.exec(disk) ?? [];
    const [, order = "none"] = /<boot order='(\d+)'/.exec(disk) ?? [];
    return `${target} at ${controller}:${unit}, boot order ${order}`;
  });
}

test.each<[DeviceForm, string]>([
  [{ kind: "cdrom", bus: "scsi" }, "sdb at 1:0, boot order none"],
  [{ kind: "disk", bus: "scsi" }, "sdb at 1:0, boot order none"],
  [{ kind: "cdrom", bus: "ide" }, "hda at 0:0, boot order none"],
])("a template leaves addresses to libvirt, and boots from CD-ROMs first: %j is behind its disk", async (form, own) => {
  const [root, path] = [await daemon.image("root.img", 0), await daemon.image("drive.img", 1)];
  const template = `<domain type="qemu"><memory unit="MiB">64</memory>
    <os><type arch="x86_64" machine="pc">hvm</type><boot dev="cdrom"/><boot dev="hd"/></os>
    <devices><controller type="scsi" model="virtio-scsi"/><controller type="usb" model="none"/>
    <disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${root}"/><target dev="sda" bus="scsi"/></disk>
    </devices></domain>`;
  const instance = { id: randomUUID(), name: "vm", launchIndex: 0, template };
  const image = { driveId: randomUUID(), generation: 1, path, sizeBytes: 4096, format: "iso9660" } as const;
  const device = { ...form, name: "d", reason: "" };
  await launcher.launch(instance, [{ revision: 1, image, device, deleteOnTermination: true }], wait());
  expect((await disksOf(instance.id)).sort()).toEqual([own, "sda at 0:0, boot order 1"].sort());
  await launcher.destroy(instance.id, wait());
  expect(await daemon.domains()).toEqual([]);
});
