import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";

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
