import { dirname, join } from "node:path";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { writeImage } from "#image/sink/file.js";
import { fromBytes } from "#image/tree.js";
import { Guest } from "#integration/rigs/guest.js";
import { deviceGone, deviceWithLabel } from "#integration/rigs/guest-view.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const wait = () => ({ signal: AbortSignal.timeout(30_000) });

describe.each(["pc", "q35"] as const)("a guest on %s", (machine) => {
  let guest: Guest;
  let hypervisor: QemuHypervisor;

  beforeAll(async () => {
    guest = await Guest.start({ machine });
    hypervisor = adapter(20_000);
  }, 120_000);
  afterEach(async () => {
    const device = { kind: "cdrom", bus: "scsi", name: `configdrive-${drive}`, reason: "" } as const;
    await hypervisor.detach(guest.instanceId, drive, device, true, wait());
  });
  afterAll(async () => guest?.stop());

  const adapter = (unplugMs: number) =>
    new QemuHypervisor({
      socketTemplate: join(dirname(guest.qmpSocket), "{instance_id}.sock"),
      answerMs: 5000,
      unplugMs,
    });

  /** An ISO whose file `text` tells the generation. */
  async function imageOf(generation: number): Promise<PlacedImage> {
    const path = join(dirname(guest.qmpSocket), `${generation}.iso`);
    const text = { path: "text", data: fromBytes(Buffer.from(`generation ${generation}`)) };
    const plan = planIso9660({ files: [text] }, { label: "config-2", time: new Date(0) });
    const { size } = await writeImage(plan, path, { mode: 0o600 });
    return { driveId: drive, generation, path, sizeBytes: size, format: "iso9660" };
  }

  async function put(image: PlacedImage, wish: DeviceWish): Promise<Device> {
    const device = await hypervisor.choose(guest.instanceId, image, wish, wait());
    await hypervisor.attach(guest.instanceId, image, device, wait());
    return device;
  }

  const read = (device: string) => guest.check(`mount -o ro ${device} /mnt && cat /mnt/text; umount /mnt`);
  const shown = async () => (await hypervisor.observe(guest.instanceId, wait()))?.map(({ generation }) => generation);

  test("reads a cdrom, sees its medium change, and sees it go", async () => {
    const device = await put(await imageOf(1), {});
    expect(device).toMatchObject({ kind: "cdrom", bus: "scsi" });
    const path = await deviceWithLabel(guest, "config-2");
    expect(await read(path)).toBe("generation 1");
    await hypervisor.refresh(guest.instanceId, await imageOf(2), device, false, wait());
    expect(await read(path)).toBe("generation 2");
    await hypervisor.detach(guest.instanceId, drive, device, false, wait());
    await deviceGone(guest, path);
  });

  test("holds a mounted cdrom: DEVICE_LOCKED, and it still reads the old bytes; force takes it", async () => {
    const device = await put(await imageOf(1), { kind: "cdrom" });
    const path = await deviceWithLabel(guest, "config-2");
    await guest.check(`mount -o ro ${path} /mnt`);
    const next = await imageOf(2);
    const reason = "DEVICE_LOCKED";
    await expect(hypervisor.refresh(guest.instanceId, next, device, false, wait())).rejects.toMatchObject({ reason });
    await expect(hypervisor.detach(guest.instanceId, drive, device, false, wait())).rejects.toMatchObject({ reason });
    expect(await guest.check("cat /mnt/text")).toBe("generation 1");
    expect(await shown()).toEqual([1]);

    await hypervisor.refresh(guest.instanceId, next, device, true, wait());
    expect(await shown()).toEqual([2]);
    await guest.check("umount /mnt");
    expect(await read(path)).toBe("generation 2");
    await guest.check(`mount -o ro ${path} /mnt`);
    await hypervisor.detach(guest.instanceId, drive, device, true, wait());
    await guest.check("umount /mnt");
    await deviceGone(guest, path);
    expect(await shown()).toEqual([]);
  });

  test("ejects a cdrom: it is seen to show nothing, and the same attach shows it again", async () => {
    const image = await imageOf(1);
    const device = await put(image, { kind: "cdrom" });
    const path = await deviceWithLabel(guest, "config-2");
    // What the kernel then does at the end of a read: CDROMEJECT.
    await guest.check(
      `echo 1 > /proc/sys/dev/cdrom/autoeject; cat ${path} > /dev/null; echo 0 > /proc/sys/dev/cdrom/autoeject`,
    );
    expect(await shown()).toEqual([0]);
    await hypervisor.attach(guest.instanceId, image, device, wait());
    expect(await shown()).toEqual([1]);
    expect(await read(path)).toBe("generation 1");
    await hypervisor.detach(guest.instanceId, drive, device, false, wait());
  });

  test("has a virtio disk, which goes and comes with new bytes, and goes", async () => {
    const device = await put(await imageOf(1), { kind: "disk", bus: "virtio" });
    const path = await deviceWithLabel(guest, "config-2");
    expect(path).toMatch(/^\/dev\/vd/);
    expect(await read(path)).toBe("generation 1");
    expect(await guest.check(`cat /sys/block/${path.slice(5)}/ro /sys/block/${path.slice(5)}/serial`)).toBe(
      `1\n${drive.slice(0, 20)}`,
    );
    await hypervisor.refresh(guest.instanceId, await imageOf(2), device, false, wait());
    expect(await read(await deviceWithLabel(guest, "config-2"))).toBe("generation 2");
    await hypervisor.detach(guest.instanceId, drive, device, false, wait());
    await deviceGone(guest, path);
    expect(await shown()).toEqual([]);
  });

  test("stands still: DEVICE_BUSY, and it keeps its disk; once it runs the disk goes", async () => {
    const device = await put(await imageOf(1), { kind: "disk", bus: "virtio" });
    const path = await deviceWithLabel(guest, "config-2");
    await guest.qmp("stop");
    await expect(adapter(500).detach(guest.instanceId, drive, device, false, wait())).rejects.toMatchObject({
      reason: "DEVICE_BUSY",
    });
    expect(await shown()).toEqual([1]);
    await guest.qmp("cont");
    await hypervisor.detach(guest.instanceId, drive, device, false, wait());
    await deviceGone(guest, path);
    expect(await shown()).toEqual([]);
  });
});
