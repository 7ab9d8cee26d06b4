import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Guest } from "./guest.js";
import { blockDevices, deviceDigest, deviceGone, deviceSize, newDevice } from "./guest-view.js";
import { privateDirectory } from "./private-directory.js";

test.each(["pc", "q35"] as const)(
  "a guest on %s boots, runs commands, and leaves nothing behind",
  async (machine) => {
    const guest = await Guest.start({ machine });
    try {
      expect(await guest.run("echo out; echo err >&2; exit 3")).toEqual({ exitCode: 3, output: "out\nerr\n" });
      await expect(guest.check("cat /nowhere")).rejects.toThrow(/exit 1 of: cat \/nowhere\n.*No such file/s);
      expect(await guest.check("cat /proc/modules")).toMatch(/^isofs /m);
      expect(await guest.qmp("query-status")).toMatchObject({ status: "running" });
      await expect(guest.qmp("no-such-command")).rejects.toThrow("CommandNotFound");
      await expect(guest.run("sleep 1; echo late", 100)).rejects.toThrow("waited 100 ms for the guest to run: sleep 1");
      expect(await guest.check("echo next")).toBe("next\n");
    } finally {
      await guest.stop();
    }
    expect(existsSync(`/proc/${guest.pid}`)).toBe(false);
    expect(existsSync(guest.qmpSocket)).toBe(false);
  },
  120_000,
);

test.each([
  { machine: "pc", device: { driver: "virtio-blk-pci" } },
  { machine: "q35", device: { driver: "virtio-blk-pci", bus: "port0" } },
  { machine: "pc", device: { driver: "scsi-cd", bus: "scsi0.0" } },
  { machine: "q35", device: { driver: "scsi-cd", bus: "scsi0.0" } },
] as const)(
  "on $machine a plugged $device.driver is seen, read and seen to go",
  async ({ machine, device }) => {
    const directory = await privateDirectory("test");
    const content = randomBytes(300 * 2048);
    const filename = join(directory, "blob");
    await writeFile(filename, content);
    try {
      await using guest = await Guest.start({ machine });
      const before = await blockDevices(guest);
      const file = { driver: "file", filename, "read-only": true };
      await guest.qmp("blockdev-add", { driver: "raw", "node-name": "blob", "read-only": true, file });
      await guest.qmp("device_add", { ...device, id: "blob-device", drive: "blob" });
      const path = await newDevice(guest, before);
      expect(await deviceSize(guest, path)).toBe(content.length);
      expect(await deviceDigest(guest, path, content.length)).toBe(createHash("sha256").update(content).digest("hex"));
      await guest.qmp("device_del", { id: "blob-device" });
      await deviceGone(guest, path);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  120_000,
);
