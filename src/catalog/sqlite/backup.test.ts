import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { privateDirectory } from "#integration/rigs/private-directory.js";
import { openCatalog } from "../open.js";

const call = callOf("p1");
let home = "";
beforeEach(async () => {
  home = await privateDirectory("backup");
});
afterEach(() => rm(home, { recursive: true }));

const owner = { pid: 1, host: "h", since: "now" };
const openCopy = () => openCatalog(`sqlite:///${join(home, "copy")}`, owner, { newId: randomUUID });

test("a copy that is made while others write has all that was committed before it, whole", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const before = await Promise.all(
    Array.from({ length: 40 }, (_, index) => rig.service.populate(blob(`${index}`.padEnd(5000, "x")), call)),
  );
  let writing = true;
  const writer = (async () => {
    for (let index = 0; writing; index += 1) await rig.service.populate(blob(`meanwhile ${index}`), call);
  })();
  await rig.catalog.backUp(join(home, "copy"));
  writing = false;
  await writer;
  expect(await readdir(home)).toEqual(["copy"]);
  expect((await stat(join(home, "copy"))).mode & 0o777).toBe(0o600);

  const copy = await openCopy();
  try {
    expect(copy.identity).toBe(rig.catalog.identity);
    for (const drive of before) {
      expect((await copy.find(drive.id))?.drive).toEqual(drive);
      expect(await copy.spec(drive.id, 1)).toEqual(await rig.catalog.spec(drive.id, 1));
    }
  } finally {
    await copy.dispose();
  }
});

test("a copy that cannot be made leaves the one of before, and nothing half", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  await mkdir(join(home, "folder"));
  await expect(rig.catalog.backUp(join(home, "folder"))).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  await writeFile(join(home, "file"), "");
  await expect(rig.catalog.backUp(join(home, "file", "copy"))).rejects.toMatchObject({ reason: "CATALOG_FAILED" });
  expect((await readdir(home)).sort()).toEqual(["file", "folder"]);
  await rig.service.populate(blob("the catalog goes on"), call);
});
