import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import type { DeviceForm } from "#drive/hypervisor.js";
import { LibvirtDaemon } from "../rigs/libvirt-daemon.js";
import { put, wait } from "./case.js";

let daemon: LibvirtDaemon;
let hypervisor: LibvirtHypervisor;

beforeAll(async () => {
  daemon = await LibvirtDaemon.start();
  hypervisor = new LibvirtHypervisor({ ...daemon.endpoint, answerMs: 20_000, unplugMs: 20_000 });
}, 60_000);
afterAll(async () => {
  await hypervisor?.close();
  await daemon?.[Symbol.asyncDispose]();
});

/** The devices that QEMU was told to boot from when the domain was started, by their aliases. */
async function bootedBy(instanceId: string): Promise<readonly string[]> {
  for (const process of await readdir("/proc")) {
    const line = await readFile(`/proc/${process}/cmdline`, "utf8").catch(() => "");
    if (!line.includes(`-uuid\0${instanceId}\0`)) continue;
    return [...line.matchAll(/"id":"([^"]+)","bootindex":\d+/g)].map(([, id = ""]) => id);
  }
  throw new Error("no QEMU runs for the domain");
}

const CD_FIRST = '<boot dev="cdrom"/><boot dev="hd"/>';
const SCSI_CD = '<disk type="file" device="cdrom"><target dev="sda" bus="scsi"/></disk>';

test.each<[string, string, DeviceForm]>([
  [CD_FIRST, "", { kind: "cdrom", bus: "scsi" }],
  ['<boot dev="hd"/>', SCSI_CD, { kind: "disk", bus: "scsi" }],
])(
  "a domain that is stored with %s%s is not given a drive that its next start would try first",
  async (boot, devices, first) => {
    const [root, path] = [await daemon.image("root.img", 0), await daemon.image("drive.img", 1)];
    const [instanceId, driveId] = [randomUUID(), randomUUID()];
    await daemon.define(`<domain type="qemu"><name>${instanceId}</name><uuid>${instanceId}</uuid><memory unit="MiB">32</memory>
    <os><type arch="x86_64" machine="pc">hvm</type>${boot}</os><features><acpi/></features>
    <devices><controller type="scsi" index="0" model="virtio-scsi"/>${devices}
    <disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${root}"/><target dev="vda" bus="virtio"/></disk>
    </devices></domain>`);
    const image = { driveId, generation: 1, path, sizeBytes: 8192, format: "iso9660" } as const;
    await expect(hypervisor.choose(instanceId, image, first, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringMatching(
        new RegExp(`would boot from a ${first.kind} on scsi first, unless .*; would work: .*disk on virtio`),
      ),
    });
    if (first.kind === "cdrom") {
      const unasked = await hypervisor.choose(instanceId, image, {}, wait());
      expect(unasked).toMatchObject({ kind: "disk", reason: expect.stringContaining("there is no place for a cdrom") });
    }
    const device = await put(hypervisor, instanceId, image, { kind: "disk", bus: "virtio" });
    await daemon.startDomain(instanceId);
    expect(await bootedBy(instanceId)).toEqual(["virtio-disk0"]);
    await daemon.destroyDomain(instanceId);
    await hypervisor.detach(instanceId, driveId, device, false, wait());
  },
);
