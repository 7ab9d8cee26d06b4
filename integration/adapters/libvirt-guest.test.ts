import { join } from "node:path";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import type { Device } from "#drive/drive.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { planIso9660 } from "#image/iso9660/plan-iso9660.js";
import { writeImage } from "#image/sink/file.js";
import { fromBytes } from "#image/tree.js";
import { deviceDigest, deviceGone, deviceWithLabel } from "#integration/rigs/guest-view.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";
import { LibvirtGuest, surroundingsIn } from "#integration/rigs/libvirt-guest.js";
import { until } from "#integration/rigs/wait.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const wait = () => ({ signal: AbortSignal.timeout(60_000) });

let daemon: LibvirtDaemon;
let hypervisor: LibvirtHypervisor;

beforeAll(async () => {
  daemon = await LibvirtDaemon.start();
  hypervisor = new LibvirtHypervisor({ ...daemon.endpoint, answerMs: 10_000, unplugMs: 30_000 });
}, 60_000);
afterAll(async () => {
  await hypervisor?.close();
  await daemon?.[Symbol.asyncDispose]();
});

interface Image extends PlacedImage {
  readonly digest: string;
}

/** An ISO whose file `text` tells the generation. */
async function imageOf(generation: number): Promise<Image> {
  const path = join(daemon.directory, `${generation}.iso`);
  const text = { path: "text", data: fromBytes(Buffer.from(`generation ${generation}`)) };
  const plan = planIso9660({ files: [text] }, { label: "config-2", time: new Date(0) });
  const { size, sha256 = "" } = await writeImage(plan, path, { mode: 0o644 });
  return { driveId: drive, generation, path, sizeBytes: size, format: "iso9660", digest: sha256 };
}

describe.each(["pc", "q35"] as const)("a libvirt guest on %s", (machine) => {
  let guest: LibvirtGuest;

  beforeAll(async () => {
    guest = await LibvirtGuest.define(daemon, machine, await surroundingsIn(daemon.directory));
  });
  afterAll(async () => guest?.[Symbol.asyncDispose]());

  async function put(image: PlacedImage, wish: DeviceWish): Promise<Device> {
    const device = await hypervisor.choose(guest.instanceId, image, wish, wait());
    await hypervisor.attach(guest.instanceId, image, device, wait());
    return device;
  }

  /** The generations that the guest is seen to have, 0 for none. */
  async function shown(): Promise<number[] | undefined> {
    return (await hypervisor.observe(guest.instanceId, wait()))?.map(({ generation }) => generation);
  }

  /** What the guest reads of a drive that it has now: every byte, and the file on it. */
  async function reads(image: Image): Promise<string> {
    const path = await deviceWithLabel(guest, "config-2");
    expect(await deviceDigest(guest, path, image.sizeBytes)).toBe(image.digest);
    expect(await guest.check(`mount -o ro ${path} /mnt && cat /mnt/text; umount /mnt`)).toBe(
      `generation ${image.generation}`,
    );
    return path;
  }

  test("has a drive at its first boot that came while it was shut off, and another generation at the next one", async () => {
    const [first, second] = [await imageOf(1), await imageOf(2)];
    const device = await put(first, {});
    await guest.start();
    await guest.booted();
    await reads(first);
    await guest.powerOff();

    await hypervisor.refresh(guest.instanceId, second, device, false, wait());
    await guest.start();
    await guest.booted();
    const path = await reads(second);
    await hypervisor.detach(guest.instanceId, drive, device, false, wait());
    await deviceGone(guest, path);
  }, 240_000);

  test.each([
    ["cdrom", "scsi", "sr"],
    ["disk", "scsi", "sd"],
    ["disk", "virtio", "vd"],
  ] as const)(
    "reads a %s on %s that is plugged in, sees it change, and sees it go",
    async (kind, bus, name) => {
      const [first, second] = [await imageOf(1), await imageOf(2)];
      const device = await put(first, { kind, bus });
      expect(await reads(first)).toMatch(new RegExp(`^/dev/${name}`));
      await hypervisor.refresh(guest.instanceId, second, device, false, wait());
      const path = await reads(second);
      expect(await guest.check(`cat /sys/block/${path.slice(5)}/ro`)).toBe("1\n");
      await hypervisor.detach(guest.instanceId, drive, device, false, wait());
      await deviceGone(guest, path);
      expect(await hypervisor.observe(guest.instanceId, wait())).toEqual([]);
    },
    120_000,
  );

  test.each(["attach", "refresh"] as const)(
    "ejects a cdrom: it is seen to show nothing, and %s shows it again",
    async (step) => {
      const image = await imageOf(1);
      const device = await put(image, { kind: "cdrom" });
      const path = await deviceWithLabel(guest, "config-2");
      // What the kernel then does at the end of a read: CDROMEJECT.
      await guest.check(
        `echo 1 > /proc/sys/dev/cdrom/autoeject; cat ${path} > /dev/null; echo 0 > /proc/sys/dev/cdrom/autoeject`,
      );
      // libvirt hears of the tray from QEMU, after the guest.
      await until(20_000, "the tray to be seen open", async () => (await shown())?.[0] === 0);
      if (step === "attach") await hypervisor.attach(guest.instanceId, image, device, wait());
      else await hypervisor.refresh(guest.instanceId, image, device, false, wait());
      expect(await shown()).toEqual([1]);
      await reads(image);
      await hypervisor.detach(guest.instanceId, drive, device, false, wait());
    },
    120_000,
  );

  test("one that goes away leaves what it said last", async () => {
    // The kernel's own messages are written before the next command runs.
    const gone = guest.run("echo '<0>this is the end' > /dev/kmsg; poweroff -f");
    await expect(gone).rejects.toThrow(/went away while it ran.*console ends:.*this is the end/s);
  });
});
