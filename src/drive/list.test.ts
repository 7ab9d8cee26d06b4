import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { ListDrives } from "./use-cases.js";

const call = callOf("p1");

test("a drive that is there from the first page to the last is on exactly one, whatever comes and goes meanwhile", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const make = async () => (await rig.service.populate(blob("x"), call)).id;
  const remove = (driveId: string) => rig.service.delete({ requestId: randomUUID(), driveId }, call);
  const staying = new Set<string>();
  const going: string[] = [];
  for (let count = 0; count < 8; count += 1) {
    staying.add(await make());
    going.push(await make());
  }
  const listed: string[] = [];
  let pageToken = "";
  do {
    const page = await rig.service.list({ instanceId: "", pageSize: 3, pageToken }, call);
    listed.push(...page.drives.map(({ id }) => id));
    pageToken = page.nextPageToken;
    // The last of this page goes too: the next one begins after an id that is no longer there.
    const last = page.drives.at(-1)?.id ?? "";
    for (const id of [last, going.pop() ?? ""]) if (id !== "" && !staying.has(id)) await remove(id);
    await make();
  } while (pageToken !== "");
  expect(listed.filter((id) => staying.has(id)).sort()).toEqual([...staying].sort());
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed).toEqual([...listed].sort());
});

test("what is no token of a page, and a page that is too large, are refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const refused = { reason: "INVALID_ARGUMENT" };
  const foreign = Buffer.from("after:'; drop table drives; --").toString("base64url");
  for (const asked of [{ pageToken: "nonsense" }, { pageToken: foreign }, { pageSize: 1001 }]) {
    const request = { instanceId: "", pageSize: 1, pageToken: "", ...asked };
    await expect(rig.service.list(request, call)).rejects.toMatchObject(refused);
  }
});

test("filters are asked for together, and hold on every page; a token is a place, whatever it was asked with", async () => {
  const machines = new MachineModel();
  await using rig = await DriveServiceRig.open(machines);
  for (const id of ["i1", "i2"]) machines.start(id);
  const free: string[] = [];
  const held: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    free.push((await rig.service.populate(blob("x"), call)).id);
    const { id } = await rig.service.populate(blob("x"), call);
    await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: "i1", host: "" }, call);
    held.push(id);
  }
  const drive = await rig.service.get(held[0] ?? "", call);
  const host = drive.attachments[0]?.host ?? "";
  const listed = async (filter: Partial<ListDrives>) => {
    const ids: string[] = [];
    let pageToken = "";
    do {
      const page = await rig.service.list({ instanceId: "", ...filter, pageSize: 2, pageToken }, call);
      ids.push(...page.drives.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return ids;
  };
  expect(await listed({})).toEqual([...free, ...held].sort());
  expect(await listed({ host: "", attached: undefined })).toEqual([...free, ...held].sort());
  expect(await listed({ host })).toEqual(held.toSorted());
  expect(await listed({ host: "elsewhere" })).toEqual([]);
  expect(await listed({ host, instanceId: "i2" })).toEqual([]);
  expect(await listed({ host, instanceId: "i1", attached: true })).toEqual(held.toSorted());
  expect(await listed({ host, attached: false })).toEqual([]);
  expect(await listed({ attached: true })).toEqual(held.toSorted());
  expect(await listed({ attached: false })).toEqual(free.toSorted());

  const first = await rig.service.list({ instanceId: "", attached: true, pageSize: 2, pageToken: "" }, call);
  const place = first.drives.at(-1)?.id ?? "";
  const rest = { instanceId: "", attached: false, pageSize: 100, pageToken: first.nextPageToken };
  const { drives } = await rig.service.list(rest, call);
  expect(drives.map(({ id }) => id)).toEqual(free.filter((id) => id > place).sort());
});
