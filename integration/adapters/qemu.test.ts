import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { QemuHypervisor } from "#adapters/qemu/adapter.js";
import { nodeName } from "#adapters/qemu/names.js";
import { QmpClient } from "#adapters/qemu/qmp.js";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { BareMachine } from "#integration/rigs/bare-machine.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";
const other = "3a7f2a30-4f0b-4b8f-8f0a-6a3d1d5f2a11";
const CONTROLLER = "virtio-scsi-pci,id=scsi0";
const ports = (count: number) =>
  Array.from({ length: count }, (_, i) => `pcie-root-port,id=rp${i + 1},chassis=${i + 1},slot=${i + 1}`);
const wait = () => ({ signal: AbortSignal.timeout(20_000) });

function adapterOf(machine: BareMachine, unplugMs = 20_000): QemuHypervisor {
  return new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 5000, unplugMs });
}

async function imageOf(machine: BareMachine, generation: number, driveId = drive): Promise<PlacedImage> {
  const path = await machine.image(`${driveId}.${generation}`, generation);
  return { driveId, generation, path, sizeBytes: 8192, format: "iso9660" };
}

/** The names of our block nodes, shown or not. */
async function nodes(machine: BareMachine): Promise<string[]> {
  const all = z.array(z.object({ "node-name": z.string() })).parse(await machine.monitor("query-named-block-nodes"));
  return all.map((node) => node["node-name"]).filter((name) => name.startsWith("cd"));
}

/** Chooses and attaches; gives the device. */
async function put(hypervisor: QemuHypervisor, machine: BareMachine, image: PlacedImage, wish: DeviceWish = {}) {
  const device = await hypervisor.choose(machine.instanceId, image, wish, wait());
  await hypervisor.attach(machine.instanceId, image, device, wait());
  return device;
}

describe.each(["pc", "q35"] as const)("a drive on %s", (type) => {
  test("as a cdrom: attach, refresh and detach, each of them twice", async () => {
    await using machine = await BareMachine.start(type, [CONTROLLER]);
    const hypervisor = adapterOf(machine);
    const [first, second] = [await imageOf(machine, 1), await imageOf(machine, 2)];
    const device = await put(hypervisor, machine, first);
    expect(device).toMatchObject({ kind: "cdrom", bus: "scsi" });
    await hypervisor.attach(machine.instanceId, first, device, wait());
    expect(await hypervisor.observe(machine.instanceId, wait())).toEqual([
      { driveId: drive, generation: 1, deviceName: device.name },
    ]);
    for (let turn = 0; turn < 2; turn++) {
      await hypervisor.refresh(machine.instanceId, second, device, false, wait());
      expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 2 }]);
      expect(await nodes(machine)).toEqual([nodeName(drive, 2)]);
    }
    for (let turn = 0; turn < 2; turn++) {
      await hypervisor.detach(machine.instanceId, drive, device, false, wait());
      expect(await hypervisor.observe(machine.instanceId, wait())).toEqual([]);
      expect(await nodes(machine)).toEqual([]);
    }
  });

  test.each([
    ["virtio-scsi-pci,id=my.ctl_2", "my.ctl_2.0"],
    ["virtio-scsi-pci-non-transitional,id=scsi7", "scsi7.0"],
    ["virtio-scsi-pci", "scsi.0"],
  ])("on the bus of the controller %s, as QEMU names it", async (controller, bus) => {
    await using machine = await BareMachine.start(type, [controller]);
    const hypervisor = adapterOf(machine);
    const { reason } = await put(hypervisor, machine, await imageOf(machine, 1));
    expect(reason).toContain(`virtio-scsi bus ${bus}`);
  });

  test("the guest may only read it, and it has no boot index", async () => {
    await using machine = await BareMachine.start(type, [CONTROLLER, ...ports(1)]);
    const hypervisor = adapterOf(machine);
    for (const [driveId, kind] of [
      [drive, "cdrom"],
      [other, "disk"],
    ] as const) {
      const device = await put(hypervisor, machine, await imageOf(machine, 1, driveId), { kind });
      const property = (name: string) =>
        machine.monitor("qom-get", { path: `/machine/peripheral/${device.name}`, property: name });
      await expect(property("bootindex")).resolves.toBe(-1);
      await expect(property("serial")).resolves.toBe(driveId.slice(0, 20));
    }
    const blocks = z.array(z.object({ inserted: z.object({ ro: z.boolean() }) }));
    for (const block of blocks.parse(await machine.monitor("query-block"))) expect(block.inserted.ro).toBe(true);
  });

  test("a guest that does not answer keeps its virtio disk: DEVICE_BUSY, and all is as before", async () => {
    await using machine = await BareMachine.start(type, ports(2));
    const hypervisor = adapterOf(machine, 300);
    const [first, second] = [await imageOf(machine, 1), await imageOf(machine, 2)];
    const device = await put(hypervisor, machine, first);
    expect(device).toMatchObject({ kind: "disk", bus: "virtio" });
    for (const step of [
      () => hypervisor.refresh(machine.instanceId, second, device, false, wait()),
      () => hypervisor.detach(machine.instanceId, drive, device, false, wait()),
    ]) {
      await expect(step()).rejects.toMatchObject({ reason: "DEVICE_BUSY" });
      expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ driveId: drive, generation: 1 }]);
      expect(await nodes(machine)).toEqual([nodeName(drive, 1)]);
    }
  });

  test("a caller's deadline ends the wait for such a guest", async () => {
    await using machine = await BareMachine.start(type, ports(1));
    const hypervisor = adapterOf(machine);
    const device = await put(hypervisor, machine, await imageOf(machine, 1));
    const detaching = hypervisor.detach(machine.instanceId, drive, device, false, { signal: AbortSignal.timeout(200) });
    await expect(detaching).rejects.toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  });
});

test("a usb disk is attached and detached", async () => {
  await using machine = await BareMachine.start("q35", ["qemu-xhci,id=usb"]);
  const hypervisor = adapterOf(machine);
  const device = await put(hypervisor, machine, await imageOf(machine, 1));
  expect(device).toMatchObject({ kind: "disk", bus: "usb" });
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 1 }]);
  await hypervisor.refresh(machine.instanceId, await imageOf(machine, 2), device, false, wait());
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 2 }]);
  await hypervisor.detach(machine.instanceId, drive, device, false, wait());
  expect(await nodes(machine)).toEqual([]);
});

test("q35 gives the last free root port, so that firmware finds other disks first", async () => {
  await using machine = await BareMachine.start("q35", ports(12));
  const hypervisor = adapterOf(machine);
  for (const [index, end] of ["12", "11", "10"].entries()) {
    const image = await imageOf(machine, 1, drive.slice(0, -1) + index);
    expect((await put(hypervisor, machine, image)).reason).toMatch(new RegExp(`root port rp${end}$`));
  }
});

test("where a root port stands counts, not what it is called", async () => {
  await using machine = await BareMachine.start("q35", ports(3).reverse());
  expect((await put(adapterOf(machine), machine, await imageOf(machine, 1))).reason).toMatch(/root port rp1$/);
});

test("q35 has one slot for each root port, and one without an id counts for none", async () => {
  await using machine = await BareMachine.start("q35", ["pcie-root-port,chassis=9,slot=9", ...ports(1)]);
  const hypervisor = adapterOf(machine);
  await put(hypervisor, machine, await imageOf(machine, 1));
  await expect(put(hypervisor, machine, await imageOf(machine, 1, other))).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
    message: expect.stringContaining("every pcie-root-port is taken (rp1)"),
  });
  expect(await hypervisor.observe(machine.instanceId, wait())).toHaveLength(1);
});

test("pc gives the highest free slot, so that firmware finds other disks first", async () => {
  await using machine = await BareMachine.start("pc", []);
  const device = await put(adapterOf(machine), machine, await imageOf(machine, 1));
  await expect(
    machine.monitor("qom-get", { path: `/machine/peripheral/${device.name}`, property: "legacy-addr" }),
  ).resolves.toBe("1f.0");
});

test("a slot that was taken since the choice leaves nothing behind", async () => {
  await using machine = await BareMachine.start("q35", ports(1));
  const hypervisor = adapterOf(machine);
  const mine = await imageOf(machine, 1);
  const device = await hypervisor.choose(machine.instanceId, mine, {}, wait());
  await put(hypervisor, machine, await imageOf(machine, 1, other));
  await expect(hypervisor.attach(machine.instanceId, mine, device, wait())).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
  });
  expect(await nodes(machine)).toEqual([nodeName(other, 1)]);
});

test("a drive is attached once: not with another generation, and not what someone else shows already", async () => {
  await using machine = await BareMachine.start("pc", [CONTROLLER]);
  const hypervisor = adapterOf(machine);
  const [first, second] = [await imageOf(machine, 1), await imageOf(machine, 2)];
  const device = await put(hypervisor, machine, first);
  await expect(hypervisor.attach(machine.instanceId, second, device, wait())).rejects.toMatchObject({
    reason: "DEVICE_BUSY",
    message: expect.stringContaining("with generation 1"),
  });
  const foreign = await imageOf(machine, 1, other);
  await machine.monitor("blockdev-add", { driver: "file", "node-name": "by-hand", filename: foreign.path });
  await machine.monitor("device_add", { driver: "virtio-blk-pci", drive: "by-hand", id: "by-hand-device" });
  await expect(put(hypervisor, machine, foreign)).rejects.toMatchObject({
    reason: "DEVICE_BUSY",
    message: expect.stringContaining("by-hand-device"),
  });
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ driveId: drive, generation: 1 }]);
});

test.each(["attach", "refresh"] as const)(
  "%s of an image that is not there leaves the guest as it was",
  async (step) => {
    await using machine = await BareMachine.start("pc", [CONTROLLER]);
    const hypervisor = adapterOf(machine);
    const image = await imageOf(machine, 1);
    const device = await hypervisor.choose(machine.instanceId, image, {}, wait());
    if (step === "refresh") await hypervisor.attach(machine.instanceId, image, device, wait());
    const before = await hypervisor.observe(machine.instanceId, wait());
    const missing = { ...image, generation: 2, path: join(machine.folder, "none") };
    const failing =
      step === "attach"
        ? hypervisor.attach(machine.instanceId, missing, device, wait())
        : hypervisor.refresh(machine.instanceId, missing, device, false, wait());
    await expect(failing).rejects.toMatchObject({ reason: "HYPERVISOR_FAILED", message: /No such file/ });
    expect(await hypervisor.observe(machine.instanceId, wait())).toEqual(before);
  },
);

test("what a service that was killed half-way left is taken up", async () => {
  await using machine = await BareMachine.start("pc", [CONTROLLER]);
  const hypervisor = adapterOf(machine);
  const [first, second] = [await imageOf(machine, 1), await imageOf(machine, 2)];
  const add = (image: PlacedImage) =>
    machine.monitor("blockdev-add", {
      driver: "raw",
      "node-name": nodeName(drive, image.generation),
      "read-only": true,
      file: { driver: "file", filename: image.path },
    });
  await add(first);
  const device = await put(hypervisor, machine, first);
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 1 }]);

  await add(second);
  await machine.monitor("blockdev-open-tray", { id: device.name, force: true });
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 0 }]);
  await machine.monitor("blockdev-remove-medium", { id: device.name });
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 0 }]);
  await hypervisor.refresh(machine.instanceId, second, device, false, wait());
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 2 }]);
  expect(await nodes(machine)).toEqual([nodeName(drive, 2)]);

  await machine.monitor("blockdev-open-tray", { id: device.name, force: true });
  await hypervisor.attach(machine.instanceId, second, device, wait());
  expect(await hypervisor.observe(machine.instanceId, wait())).toMatchObject([{ generation: 2 }]);

  for (const again of [
    () => hypervisor.refresh(machine.instanceId, second, device, false, wait()),
    () => hypervisor.attach(machine.instanceId, second, device, wait()),
  ]) {
    await add(first);
    await again();
    expect(await nodes(machine)).toEqual([nodeName(drive, 2)]);
  }

  await machine.monitor("device_del", { id: device.name });
  await hypervisor.detach(machine.instanceId, drive, device, false, wait());
  expect(await nodes(machine)).toEqual([]);
});

test("calls at the same time on one instance take turns", async () => {
  await using machine = await BareMachine.start("pc", [CONTROLLER]);
  const hypervisor = adapterOf(machine);
  const ids = Array.from({ length: 8 }, (_, i) => `0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6f${i}`);
  await Promise.all(ids.map(async (id) => put(hypervisor, machine, await imageOf(machine, 1, id))));
  const seen = await hypervisor.observe(machine.instanceId, wait());
  expect(seen?.map(({ driveId }) => driveId).sort()).toEqual(ids);
});

describe("an instance that is not there", () => {
  const placed = (path: string): PlacedImage => ({
    driveId: drive,
    generation: 1,
    path,
    sizeBytes: 8192,
    format: "raw",
  });

  async function expectGone(machine: BareMachine, instanceId: string, reason: string): Promise<void> {
    const hypervisor = adapterOf(machine);
    const image = placed(await machine.image("x", 1));
    const device = { kind: "disk", bus: "virtio", name: `configdrive-${drive}`, reason: "" } as const;
    await expect(hypervisor.choose(instanceId, image, {}, wait())).rejects.toMatchObject({ reason });
    await expect(hypervisor.attach(instanceId, image, device, wait())).rejects.toMatchObject({ reason });
    await expect(hypervisor.refresh(instanceId, image, device, false, wait())).rejects.toMatchObject({ reason });
    await expect(hypervisor.observe(instanceId, wait())).resolves.toBeUndefined();
    await expect(hypervisor.detach(instanceId, drive, device, false, wait())).resolves.toBeUndefined();
  }

  test("no socket: not found; nothing to detach from", async () => {
    await using machine = await BareMachine.start("pc", []);
    await expectGone(machine, "vm-2", "INSTANCE_NOT_FOUND");
  });

  test("a killed QEMU's socket: not running; nothing to detach from", async () => {
    await using machine = await BareMachine.start("pc", []);
    await machine.kill();
    await expectGone(machine, machine.instanceId, "INSTANCE_NOT_RUNNING");
  });

  test("without the folder of the sockets nobody is taken for gone", async () => {
    await using machine = await BareMachine.start("pc", []);
    await machine.kill();
    const hypervisor = adapterOf(machine);
    await rm(join(machine.folder, "qmp"), { recursive: true });
    const reason = "HYPERVISOR_UNREACHABLE";
    const device = { kind: "disk", bus: "virtio", name: `configdrive-${drive}`, reason: "" } as const;
    await expect(hypervisor.observe(machine.instanceId, wait())).rejects.toMatchObject({ reason });
    await expect(hypervisor.detach(machine.instanceId, drive, device, false, wait())).rejects.toMatchObject({ reason });
  });

  test("QEMU killed while a guest is asked for its disk: the detach succeeds", async () => {
    await using machine = await BareMachine.start("pc", []);
    const hypervisor = adapterOf(machine);
    const device = await put(hypervisor, machine, await imageOf(machine, 1));
    const detaching = hypervisor.detach(machine.instanceId, drive, device, false, wait());
    await machine.inUse();
    await machine.kill();
    await expect(detaching).resolves.toBeUndefined();
  });

  test("QEMU killed while it is asked for anything else: unreachable, then not running", async () => {
    await using machine = await BareMachine.start("pc", []);
    const hypervisor = adapterOf(machine);
    const image = await imageOf(machine, 1);
    const device = await put(hypervisor, machine, image);
    const refreshing = hypervisor.refresh(machine.instanceId, await imageOf(machine, 2), device, false, wait());
    refreshing.catch(() => undefined);
    await machine.kill();
    await expect(refreshing).rejects.toMatchObject({
      reason: expect.stringMatching(/^(HYPERVISOR_UNREACHABLE|INSTANCE_NOT_RUNNING)$/),
    });
    await expect(hypervisor.attach(machine.instanceId, image, device, wait())).rejects.toMatchObject({
      reason: "INSTANCE_NOT_RUNNING",
    });
  });
});

test("a monitor that was asked is let go in a moment for whoever waits for it", async () => {
  await using machine = await BareMachine.start("pc", []);
  const hypervisor = adapterOf(machine);
  await hypervisor.observe(machine.instanceId, wait());
  await using other = await QmpClient.connect(machine.socket, 5000, wait().signal);
  await expect(other.execute("query-status", {}, wait().signal)).resolves.toMatchObject({ status: "prelaunch" });
});

test("a slot that another client takes between choice and attach is not taken twice", async () => {
  await using machine = await BareMachine.start("pc", []);
  const hypervisor = adapterOf(machine);
  const image = await imageOf(machine, 1);
  const device = await hypervisor.choose(machine.instanceId, image, { kind: "disk", bus: "virtio" }, wait());
  await machine.monitor("device_add", { driver: "virtio-rng-pci", id: "other", bus: "pci.0", addr: "1f" });
  await hypervisor.attach(machine.instanceId, image, device, wait());
  await expect(hypervisor.observe(machine.instanceId, wait())).resolves.toMatchObject([{ generation: 1 }]);
  await hypervisor.close();
});

test("a monitor that another client holds is unreachable, and the instance is not taken for gone", async () => {
  await using machine = await BareMachine.start("pc", []);
  await using _holder = await QmpClient.connect(machine.socket, 1000, wait().signal);
  const hypervisor = new QemuHypervisor({ socketTemplate: machine.socketTemplate, answerMs: 100, unplugMs: 100 });
  await expect(hypervisor.observe(machine.instanceId, wait())).rejects.toMatchObject({
    reason: "HYPERVISOR_UNREACHABLE",
    message: expect.stringContaining("another client holds it"),
  });
});

test("a socket that speaks something else is unreachable", async () => {
  await using machine = await BareMachine.start("pc", []);
  const server = createServer((peer) => peer.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(join(machine.folder, "qmp", "vm-3.sock"), resolve));
  try {
    await expect(adapterOf(machine).observe("vm-3", wait())).rejects.toMatchObject({
      reason: "HYPERVISOR_UNREACHABLE",
      message: expect.stringContaining("does not speak QMP"),
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
