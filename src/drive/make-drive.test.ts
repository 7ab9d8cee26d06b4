import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { Catalog } from "./catalog.js";
import type { ImageStore } from "./image-store.js";
import { Refusal } from "./refusal.js";

const call = callOf("p1");
const signal = new AbortController().signal;
const allDrives = { instanceId: "", pageSize: 100, pageToken: "" };

/** A service that does something else in the place of a commit that ends a request at once, or once an image is in its place. */
async function open(other: { settle?: Catalog["settle"]; placed?: () => Promise<unknown> }) {
  return await DriveServiceRig.open(new MachineModel(), {
    wrap: {
      catalog: (catalog) => {
        catalog.settle = other.settle ?? catalog.settle;
        return catalog;
      },
      images: (images) => {
        const place: ImageStore["place"] = images.place.bind(images);
        images.place = async (...args) => {
          const written = await place(...args);
          await other.placed?.();
          return written;
        };
        return images;
      },
    },
  });
}

test("a small new drive is one commit: it is there when it is ready, and its request is done", async () => {
  await using rig = await open({
    placed: async () => expect(await rig.service.list(allDrives, call)).toMatchObject({ drives: [] }),
  });
  const request = blob("one");
  const drive = await rig.service.populate(request, call);
  expect(drive).toMatchObject({ revision: 1, generations: [{ number: 1, state: "READY", sizeBytes: 512 }] });
  expect((await rig.catalog.changes("p1", 0, 10)).changes).toMatchObject([{ driveId: drive.id, kind: "CREATED" }]);
  expect(rig.reports).toMatchObject([{ kind: "populate", driveId: drive.id, outcome: "done" }]);
  expect(await rig.service.populate(request, call)).toEqual(drive);
  expect((await rig.catalog.spec(drive.id, 1))?.content).toEqual({ kind: "blob", bytes: Buffer.from("one") });
});

test("a sweep between image and commit leaves the image", async () => {
  const swept: unknown[] = [];
  await using rig = await open({ placed: async () => swept.push(await rig.service.reconcile(signal)) });
  const { id } = await rig.service.populate(blob("one"), call);
  expect(swept).toMatchObject([{ orphans: 0, refusals: [] }]);
  expect(await rig.files()).toEqual([`${id}/1.img`]);
});

test("a commit that was refused leaves no image; of one whose end nobody knows, the sweep removes it", async () => {
  const refusals = [new Refusal("QUOTA_EXCEEDED", "one too many"), new Refusal("CATALOG_FAILED", "no answer")];
  await using rig = await open({ settle: async () => Promise.reject(refusals.shift()) });
  await expect(rig.service.populate(blob("one"), call)).rejects.toMatchObject({ reason: "QUOTA_EXCEEDED" });
  expect(await rig.files()).toEqual([]);
  await expect(rig.service.populate(blob("two"), call)).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  expect(await rig.files()).toHaveLength(1);
  expect(await rig.service.reconcile(signal)).toMatchObject({ orphans: 1 });
  expect(await rig.files()).toEqual([]);
});

test("an image that cannot be written is told of by its drive, and the same request tries again", async () => {
  const refusals = [new Refusal("STORAGE_FULL", "no room")];
  await using rig = await open({ placed: async () => refusals.length > 0 && Promise.reject(refusals.pop()) });
  const request = blob("one");
  await expect(rig.service.populate(request, call)).rejects.toMatchObject({
    reason: "STORAGE_FULL",
    message: "no room",
  });
  const { drives } = await rig.service.list(allDrives, call);
  expect(drives).toMatchObject([{ generations: [{ number: 1, state: "FAILED", failureReason: "STORAGE_FULL" }] }]);
  expect(rig.reports).toMatchObject([{ outcome: "undone", reason: "STORAGE_FULL" }]);
  expect(await rig.service.populate(request, call)).toMatchObject({
    id: drives[0]?.id,
    generations: [{ state: "READY" }],
  });
});
