import { rm } from "node:fs/promises";
import { join } from "node:path";
import { LibvirtHypervisor } from "#adapters/libvirt/adapter.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { LibvirtDaemon } from "#integration/rigs/libvirt-daemon.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const other = "3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11";
const SCSI = '<controller type="scsi" index="0" model="virtio-scsi"/>';
const wait = () => ({ signal: AbortSignal.timeout(20_000) });

let daemon: LibvirtDaemon;
let hypervisor: LibvirtHypervisor;

beforeAll(async () => {
  daemon = await LibvirtDaemon.start();
  hypervisor = new LibvirtHypervisor({ ...daemon.endpoint, answerMs: 10_000, unplugMs: 10_000 });
});

afterAll(async () => {
  await hypervisor?.close();
  await daemon?.[Symbol.asyncDispose]();
});

async function imageOf(generation: number, driveId = drive): Promise<PlacedImage> {
  const path = await daemon.image(`${driveId}.${generation}`, generation);
  return { driveId, generation, path, sizeBytes: 8192, format: "iso9660" };
}

async function put(instanceId: string, image: PlacedImage, wish: DeviceWish = {}) {
  const device = await hypervisor.choose(instanceId, image, wish, wait());
  await hypervisor.attach(instanceId, image, device, wait());
  return device;
}

/** How often libvirt's own description names a drive. */
async function mentions(instanceId: string, which: "live" | "config"): Promise<number> {
  return (await daemon.xml(instanceId, which)).split(`<alias name='ua-configdrive-${drive}`).length - 1;
}

describe.each(["pc", "q35"] as const)("a running domain on %s", (machine) => {
  test.each([
    ["cdrom", "scsi"],
    ["disk", "scsi"],
  ] as const)("as a %s on %s: attach, refresh and detach, each of them twice", async (kind, bus) => {
    const instance = await daemon.domain({ machine, persistent: true });
    const [first, second] = [await imageOf(1), await imageOf(2)];
    const device = await put(instance, first, { kind, bus });
    expect(device).toMatchObject({ kind, bus, name: `ua-configdrive-${drive}` });
    await hypervisor.attach(instance, first, device, wait());
    expect(await hypervisor.observe(instance, wait())).toEqual([
      { driveId: drive, generation: 1, deviceName: device.name },
    ]);
    expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([1, 1]);
    for (let turn = 0; turn < 2; turn++) {
      await hypervisor.refresh(instance, second, device, false, wait());
      expect(await hypervisor.observe(instance, wait())).toMatchObject([{ generation: 2 }]);
      expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([1, 1]);
    }
    for (let turn = 0; turn < 2; turn++) {
      await hypervisor.detach(instance, drive, device, false, wait());
      expect(await hypervisor.observe(instance, wait())).toEqual([]);
      expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([0, 0]);
    }
  });

  test("the guest may only read it, it has no boot order, and its target comes last", async () => {
    const instance = await daemon.domain({ machine });
    await put(instance, await imageOf(1));
    await put(instance, await imageOf(1, other));
    const disks = (await daemon.xml(instance, "live")).match(/<disk .*?<\/disk>/gs) ?? [];
    expect(disks).toHaveLength(2);
    for (const disk of disks) {
      expect(disk).toContain("<readonly/>");
      expect(disk).not.toContain("<boot ");
    }
    expect(disks.map((disk) => /<target dev='(\w+)'/.exec(disk)?.[1])).toEqual(["sda", "sdb"]);
  });

  test("a guest that does not answer keeps its virtio disk: libvirt says success, we say DEVICE_BUSY", async () => {
    const port = (index: number) => `<controller type="pci" index="${index}" model="pcie-root-port"/>`;
    const ports = [1, 2, 3].map(port).join("");
    const instance = await daemon.domain({ machine, persistent: true, devices: machine === "q35" ? ports : "" });
    const impatient = new LibvirtHypervisor({ ...daemon.endpoint, answerMs: 10_000, unplugMs: 700 });
    const [first, second] = [await imageOf(1), await imageOf(2)];
    const device = await put(instance, first);
    expect(device).toMatchObject({ kind: "disk", bus: "virtio" });
    for (const step of [
      () => impatient.refresh(instance, second, device, false, wait()),
      () => impatient.detach(instance, drive, device, false, wait()),
    ]) {
      await expect(step()).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
      expect(await hypervisor.observe(instance, wait())).toMatchObject([{ driveId: drive, generation: 1 }]);
      expect(await mentions(instance, "config")).toBe(1);
    }
    const late = hypervisor.detach(instance, drive, device, false, { signal: AbortSignal.timeout(300) });
    await expect(late).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  });
});

test("a domain that is shut off gets the drive for its next start, and new content as well", async () => {
  const instance = await daemon.domain({ machine: "q35", shutOff: true });
  const device = await put(instance, await imageOf(1));
  expect(await hypervisor.observe(instance, wait())).toMatchObject([{ driveId: drive, generation: 1 }]);
  await hypervisor.refresh(instance, await imageOf(2), device, false, wait());
  await daemon.startDomain(instance);
  expect(await mentions(instance, "live")).toBe(1);
  expect(await hypervisor.observe(instance, wait())).toMatchObject([{ driveId: drive, generation: 2 }]);
  await daemon.destroyDomain(instance);
  await hypervisor.detach(instance, drive, device, false, wait());
  expect(await mentions(instance, "config")).toBe(0);
});

test.each(["attach", "refresh"] as const)(
  "a step that reached only the running domain is completed by %s",
  async (again) => {
    const instance = await daemon.domain({ machine: "pc" });
    const image = await imageOf(1);
    const device = await put(instance, image);
    await daemon.redefine(instance, { machine: "pc" });
    expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([1, 0]);
    if (again === "attach") await hypervisor.attach(instance, image, device, wait());
    else await hypervisor.refresh(instance, image, device, false, wait());
    expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([1, 1]);
  },
);

test("a drive is attached once: not with another generation, and not what someone else shows already", async () => {
  const instance = await daemon.domain({ machine: "pc" });
  const device = await put(instance, await imageOf(1));
  await expect(hypervisor.attach(instance, await imageOf(2), device, wait())).rejects.toMatchObject({
    reason: "DEVICE_BUSY",
    message: expect.stringContaining("with generation 1"),
  });
  const { path } = await imageOf(1);
  await expect(put(instance, { ...(await imageOf(1, other)), path })).rejects.toMatchObject({
    reason: "DEVICE_BUSY",
    message: expect.stringContaining("as sda"),
  });
  expect(await hypervisor.observe(instance, wait())).toHaveLength(1);
});

test("two attaches at once: both succeed, and the guest has one disk", async () => {
  const instance = await daemon.domain({ machine: "pc", persistent: true });
  const image = await imageOf(1);
  const device = await hypervisor.choose(instance, image, {}, wait());
  await Promise.all([1, 2].map(() => hypervisor.attach(instance, image, device, wait())));
  expect([await mentions(instance, "live"), await mentions(instance, "config")]).toEqual([1, 1]);
});

test.each(["attach", "refresh"] as const)("%s of an image that is gone leaves the guest as it was", async (step) => {
  const instance = await daemon.domain({ machine: "pc", persistent: true });
  const image = await imageOf(1);
  const device = await hypervisor.choose(instance, image, {}, wait());
  if (step === "refresh") await hypervisor.attach(instance, image, device, wait());
  const before = await hypervisor.observe(instance, wait());
  const missing = { ...image, generation: 2, path: join(daemon.directory, "none") };
  await rm(missing.path, { force: true });
  const failing =
    step === "attach"
      ? hypervisor.attach(instance, missing, device, wait())
      : hypervisor.refresh(instance, missing, device, false, wait());
  await expect(failing).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED", message: /No such file/ });
  expect(await hypervisor.observe(instance, wait())).toEqual(before);
  expect(await mentions(instance, "config")).toBe(before?.length);
});

test("what the domain cannot have is refused, with what would work", async () => {
  const instance = await daemon.domain({ machine: "q35", devices: SCSI });
  const image = await imageOf(1);
  for (const bus of ["ide", "sata"] as const) {
    await expect(hypervisor.choose(instance, image, { bus }, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringContaining("would work: cdrom on scsi"),
    });
  }
});

const lsi = (index: number) => `<controller type="scsi" index="${index}" model="lsilogic"/>`;

test.each([
  ["q35", "", /no free pcie-root-port/],
  ["pc", Array.from({ length: 29 }, (_, index) => lsi(index)).join(""), /every PCI slot is taken/],
] as const)("no free slot on %s: refused, and what is there stays alone", async (machine, devices, message) => {
  const instance = await daemon.domain({ machine, devices });
  const fill = async (count: number): Promise<number> => {
    const image = { ...(await imageOf(1, `${drive.slice(0, -1)}${count}`)), format: "raw" } as const;
    const refusal = await put(instance, image, { bus: "virtio" }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) return count < 9 ? await fill(count + 1) : Number.NaN;
    expect(refusal).toMatchObject({ reason: "BUS_NOT_AVAILABLE", message: expect.stringMatching(message) });
    const device = { kind: "disk", bus: "virtio", name: "x", reason: "" } as const;
    await expect(hypervisor.attach(instance, image, device, wait())).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
    });
    return count;
  };
  const filled = await fill(0);
  expect(await hypervisor.observe(instance, wait())).toHaveLength(filled);
});

test("a blob that no CD shows whole is refused as one, with what would work", async () => {
  const instance = await daemon.domain({ machine: "pc" });
  const image = { ...(await imageOf(1)), format: "raw", sizeBytes: 8192 + 512 } as const;
  await expect(put(instance, image, { kind: "cdrom" })).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringMatching(/whole sectors of 2048 bytes only.*would work: disk on scsi/),
  });
  expect(await hypervisor.observe(instance, wait())).toEqual([]);
});

test("an id that is one domain's UUID and another one's name is refused, and what stands is still found by the UUID", async () => {
  const instance = await daemon.domain({ machine: "pc", persistent: true });
  const device = await put(instance, await imageOf(1));
  const other = await daemon.domain({ machine: "pc", name: instance, shutOff: true });
  await expect(put(instance, await imageOf(1, drive.replace("0f", "1f")))).rejects.toMatchObject({
    reason: "INSTANCE_AMBIGUOUS",
  });
  expect(await hypervisor.observe(other, wait())).toEqual([]);
  expect(await hypervisor.observe(instance, wait())).toHaveLength(1);
  await hypervisor.detach(instance, drive, device, false, wait());
});

test("an instance that is not there: refused, not observed, and nothing to detach", async () => {
  const image = await imageOf(1);
  for (const missing of ["6d6f0a0c-62d0-4d2f-9d1c-5a7a4b5c3c11", "nobody"]) {
    await expect(hypervisor.choose(missing, image, {}, wait())).rejects.toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
    expect(await hypervisor.observe(missing, wait())).toBeUndefined();
    const device = { kind: "cdrom", bus: "scsi", name: "x", reason: "" } as const;
    await hypervisor.detach(missing, drive, device, false, wait());
  }
});

test("a domain is found by its name as well", async () => {
  const instance = await daemon.domain({ machine: "pc" });
  const name = `instance-${instance.slice(0, 8)}`;
  await put(name, await imageOf(1));
  expect(await hypervisor.observe(instance, wait())).toHaveLength(1);
});

test("a daemon that starts again knows the drive", async () => {
  const instance = await daemon.domain({ machine: "pc", persistent: true });
  const device = await put(instance, await imageOf(1));
  await daemon.restart();
  expect(await hypervisor.observe(instance, wait())).toMatchObject([{ driveId: drive, generation: 1 }]);
  await hypervisor.refresh(instance, await imageOf(2), device, false, wait());
  await hypervisor.detach(instance, drive, device, false, wait());
  expect(await mentions(instance, "live")).toBe(0);
});
