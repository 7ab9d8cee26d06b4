import { join } from "node:path";
import { ContentDirectory } from "#daemon/content-directory.js";
import { ImageDirectory } from "#daemon/image-directory.js";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { standingImage } from "./build.js";

test("a generation that another service replaced since the drive was read is busy, not lost", async () => {
  const call = callOf("p1");
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  const read = await rig.service.get(id, call);
  for (const text of ["two", "three", "four", "five"]) await rig.service.populate(blob(text, { driveId: id }), call);
  expect((await rig.catalog.find(id))?.drive.generations.some(({ number }) => number === 1)).toBe(false);
  const images = await ImageDirectory.open(join(rig.directory, "images"));
  const contents = await ContentDirectory.open(join(rig.directory, "contents"));
  const deps = { catalog: rig.catalog, images, contents };
  await expect(standingImage(deps, read, 1, { signal: call.signal })).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
});

test("an image that was brought while its generation was replaced is busy, not a fault of the store", async () => {
  const call = callOf("p1");
  await using rig = await DriveServiceRig.open(new MachineModel());
  const { id } = await rig.service.populate(blob("one"), call);
  const read = await rig.service.get(id, call);
  const contents = await ContentDirectory.open(join(rig.directory, "contents"));
  // Of a service that has not built the generation itself.
  const store = await ImageDirectory.open(join(rig.directory, "elsewhere"));
  const images = {
    locate: store.locate.bind(store),
    place: async (...asked: Parameters<typeof store.place>) => {
      const written = await store.place(...asked);
      await rig.service.populate(blob("two", { driveId: id }), call);
      await store.remove(id, 1);
      return written;
    },
  };
  const deps = { catalog: rig.catalog, images, contents };
  await expect(standingImage(deps, read, 1, { signal: call.signal })).rejects.toMatchObject({ reason: "DRIVE_BUSY" });
});
