import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { driveState } from "#drive/drive.js";
import { Refusal } from "#drive/refusal.js";
import type { DriveService } from "#drive/service.js";
import { MachineModel } from "#fake/machine-model.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { blob, callOf, DriveServiceRig } from "../rigs/drive-service.js";

const call = callOf("p1", AbortSignal.timeout(60_000));
const kib100 = "x".repeat(100 * 1024);
let home: string;
let mounted: string | undefined;

beforeEach(async () => {
  home = await privateDirectory("full-disk");
});
afterEach(async () => {
  if (mounted !== undefined) execFileSync("umount", [mounted]);
  mounted = undefined;
  await rm(home, { recursive: true });
});

/** A file system of its own, with so many bytes. */
function mountSmall(path: string, size: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", path]);
  mounted = path;
}

/** Makes drives until one is refused; gives those that were made, and why it ended. */
async function fill(service: DriveService): Promise<{ ids: string[]; reason: string }> {
  const ids: string[] = [];
  for (;;) {
    try {
      ids.push((await service.populate(blob(kib100), call)).id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ids, reason: error.reason };
    }
  }
}

/** Takes all the room that a file system has left. */
async function takeAll(file: string): Promise<void> {
  const taken = writeFile(file, Buffer.alloc(4 * 1024 * 1024));
  await expect(taken).rejects.toMatchObject({ code: "ENOSPC" });
}

test("a full image directory refuses the drive, leaves no part of it, and holds what was there", async () => {
  await mkdir(join(home, "images"));
  mountSmall(join(home, "images"), "1M");
  const rig = await DriveServiceRig.open(new MachineModel(), { directory: home });
  try {
    const { ids, reason } = await fill(rig.service);
    expect(reason).toBe("STORAGE_FULL");
    expect(ids.length).toBeGreaterThan(5);
    expect((await rig.files()).toSorted()).toEqual(ids.map((id) => `${id}/1.img`).toSorted());
    const [first = ""] = ids;
    await rig.service.delete({ requestId: randomUUID(), driveId: first }, call);
    expect(driveState(await rig.service.populate(blob(kib100), call))).toBe("AVAILABLE");
  } finally {
    await rig.leave();
  }
});

test("a full catalog refuses the drive and the next start; once there is room, every acknowledged drive is there", async () => {
  mountSmall(home, "2M");
  const machines = new MachineModel();
  const rig = await DriveServiceRig.open(machines, { directory: home });
  let ids: string[] = [];
  try {
    const filled = await fill(rig.service);
    ids = filled.ids;
    expect(filled.reason).toBe("STORAGE_FULL");
    expect(ids.length).toBeGreaterThan(3);
  } finally {
    await rig.leave();
  }
  const ballast = join(home, "ballast");
  await takeAll(ballast);
  await expect(DriveServiceRig.open(machines, { directory: home })).rejects.toMatchObject({ reason: "STORAGE_FULL" });
  await rm(ballast);
  execFileSync("mount", ["-o", "remount,size=4M", home]);
  const again = await DriveServiceRig.open(machines, { directory: home });
  try {
    await again.service.reconcile(AbortSignal.timeout(20_000));
    for (const id of ids) {
      const image = await again.service.inspect({ driveId: id, generation: 1 }, call);
      expect(image.sha256).toBe((await again.service.get(id, call)).generations[0]?.sha256);
    }
  } finally {
    await again.leave();
  }
});

test("a read-only image directory refuses the drive and says so", async () => {
  await mkdir(join(home, "images"));
  mountSmall(join(home, "images"), "1M");
  const rig = await DriveServiceRig.open(new MachineModel(), { directory: home });
  try {
    const { id } = await rig.service.populate(blob("there"), call);
    execFileSync("mount", ["-o", "remount,ro", join(home, "images")]);
    await expect(rig.service.populate(blob("new"), call)).rejects.toMatchObject({
      reason: "STORAGE_FAILED",
      message: expect.stringContaining("EROFS"),
    });
    await expect(rig.service.delete({ requestId: randomUUID(), driveId: id }, call)).rejects.toMatchObject({
      reason: "STORAGE_FAILED",
    });
    expect(driveState(await rig.service.get(id, call))).toBe("AVAILABLE");
    execFileSync("mount", ["-o", "remount,rw", join(home, "images")]);
    await rig.service.delete({ requestId: randomUUID(), driveId: id }, call);
    expect(await rig.files()).toEqual([]);
  } finally {
    await rig.leave();
  }
});

test("full content storage refuses the upload, leaves no part of it, and holds what was there", async () => {
  await mkdir(join(home, "contents"));
  mountSmall(join(home, "contents"), "1M");
  const rig = await DriveServiceRig.open(new MachineModel(), { directory: home });
  try {
    const upload = (fill: number, size: number) =>
      rig.service.upload({ bytes: chunks(Buffer.alloc(size, fill)), sizeBytes: size, sha256: "" }, call);
    const { contentId, content } = await upload(1, 256 * 1024);
    await expect(upload(2, 2 * 1024 * 1024)).rejects.toMatchObject({ reason: "STORAGE_FULL" });
    expect(await readdir(join(home, "contents"))).toEqual([content.sha256]);
    const drive = await rig.service.populate(blob("", { content: { kind: "blob", bytes: { contentId } } }), call);
    expect(drive.generations).toMatchObject([{ sha256: content.sha256 }]);
  } finally {
    await rig.leave();
  }
});

test("a catalog on a read-only disk is not opened, and it is said why; once it can be written, all is there", async () => {
  mountSmall(home, "8M");
  const machines = new MachineModel();
  const rig = await DriveServiceRig.open(machines, { directory: home });
  const { id } = await rig.service.populate(blob("there"), call);
  await rig.leave();
  execFileSync("mount", ["-o", "remount,ro", home]);
  await expect(DriveServiceRig.open(machines, { directory: home })).rejects.toMatchObject({
    reason: "CATALOG_FAILED",
    message: expect.stringMatching(/read-?only/i),
  });
  execFileSync("mount", ["-o", "remount,rw", home]);
  const again = await DriveServiceRig.open(machines, { directory: home });
  try {
    expect(driveState(await again.service.get(id, call))).toBe("AVAILABLE");
  } finally {
    await again.leave();
  }
});

/** Bytes as they come over a wire. */
async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}
