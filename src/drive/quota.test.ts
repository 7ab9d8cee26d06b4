import { randomUUID } from "node:crypto";
import { MachineModel } from "#fake/machine-model.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import { defaultLimits } from "./limits.js";

const call = callOf("p1");
const open = (drivesPerProject: number) =>
  DriveServiceRig.open(new MachineModel(), { change: { limits: { ...defaultLimits, drivesPerProject } } });

test("a project has as many drives as it may and no more; a drive that goes makes room", async () => {
  await using rig = await open(2);
  const { id } = await rig.service.populate(blob("one"), call);
  await rig.service.populate(blob("two"), call);
  const third = blob("three");
  await expect(rig.service.populate(third, call)).rejects.toMatchObject({
    reason: "QUOTA_EXCEEDED",
    message: "project p1 has 2 drives; the limit is 2 (drives_per_project)",
    metadata: { limit: "2", actual: "2" },
  });
  await expect(rig.service.populate({ ...third, validateOnly: true }, call)).rejects.toMatchObject({
    reason: "QUOTA_EXCEEDED",
  });
  await rig.service.populate(blob("two generations", { driveId: id }), call);
  await rig.service.populate(blob("another project"), callOf("p2"));
  await rig.service.delete({ requestId: randomUUID(), driveId: id }, call);
  await rig.service.populate(third, call);
  expect(await rig.catalog.driveCount("p1")).toBe(2);
});

test("many callers at once never get more", async () => {
  await using rig = await open(5);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => rig.service.populate(blob(`drive ${index}`), call)),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(new Set(outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason.reason] : [])))).toEqual(
    new Set(["QUOTA_EXCEEDED"]),
  );
});

test("names and paths that are too long are told with their place, limit and length", async () => {
  const limits = { ...defaultLimits, nameBytes: 8, pathBytes: 20 };
  await using rig = await DriveServiceRig.open(new MachineModel(), { change: { limits } });
  const file = (path: string) => ({ path, data: { kind: "content", bytes: Buffer.from("x") } }) as const;
  const files = [file("a/eight-by/c"), file("a/nine-byte/c"), file("aaaaaaa/bbbbbbb/ccccc")];
  const content = { kind: "files", files, directories: [{ path: "ééééé" }] } as const;
  await expect(rig.service.populate(blob("", { content }), call)).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [
      { field: "files.files[1].path", rule: "at most 8 bytes in each name (got 9)" },
      { field: "files.files[2].path", rule: "at most 20 bytes (got 21)" },
      { field: "files.directories[0].path", rule: "at most 8 bytes in each name (got 10)" },
    ],
  });
});
