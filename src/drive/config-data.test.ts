import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MachineModel } from "#fake/machine-model.js";
import { bytesInput } from "#image/input/input.js";
import { openImage } from "#image/open.js";
import { blob, callOf, DriveServiceRig } from "#integration/rigs/drive-service.js";
import type { ConfigData } from "./spec.js";
import type { PopulateVolume } from "./use-cases.js";

const call = callOf("p1");
const uuid = "83679162-1378-4288-a2d4-70e13ec132aa";

const data = (document: object, change: Partial<ConfigData> = {}): ConfigData => ({
  kind: "config_data",
  layout: "openstack",
  guest: "linux",
  json: JSON.stringify(document),
  ...change,
});
const drive = (content: ConfigData, change: Partial<PopulateVolume> = {}) => blob("", { content, ...change });

async function textOf(rig: DriveServiceRig, driveId: string, generation: number): Promise<string> {
  return (await readFile(join(rig.directory, "images", driveId, `${generation}.img`))).toString("latin1");
}

test.each([
  ["openstack", { uuid, hostname: "vm1" }, "config-2", "openstack/latest/meta_data.json"],
  ["nocloud", { instance_id: "i-1" }, "cidata", "meta-data"],
  ["ovf", { instance_id: "i-1" }, "OVF ENV", "ovf-env.xml"],
  ["opennebula", { hostname: "vm1" }, "CONTEXT", "context.sh"],
] as const)(
  "%s: the drive has the layout's files and label, and the data is kept",
  async (layout, document, label, path) => {
    await using rig = await DriveServiceRig.open(new MachineModel());
    const content = data(document, { layout });
    const made = await rig.service.populate(drive(content), call);
    expect(made.generations).toMatchObject([{ state: "READY", format: "iso9660", label }]);
    const bytes = await readFile(join(rig.directory, "images", made.id, "1.img"));
    const { entries } = await openImage(bytesInput(bytes));
    expect(entries.map((entry) => entry.path)).toContain(path);
    expect((await rig.catalog.spec(made.id, 1))?.content).toEqual(content);
  },
);

test("an instance that has the drive is told its own id in new content", async () => {
  const machine = new MachineModel();
  machine.start(uuid);
  await using rig = await DriveServiceRig.open(machine);
  const { id } = await rig.service.populate(blob("none yet"), call);
  await rig.service.attach({ requestId: randomUUID(), driveId: id, instanceId: uuid, host: "" }, call);
  await rig.service.populate(drive(data({ hostname: "vm1" }), { driveId: id, whenAttached: "stage" }), call);
  expect(await textOf(rig, id, 2)).toContain(`"uuid": "${uuid}"`);
});

test.each([
  [
    "a field of the data",
    data({ uuid, hostname: "vm1", keys: [{ name: "k", data: 1 }] }),
    {},
    "config_data.json.keys[0].data",
  ],
  ["data that is no JSON", data({}, { json: '{"admin_pass": hunter2' }), {}, "config_data.json"],
  ["what nobody knows", data({ hostname: "vm1" }), {}, "config_data.json.uuid"],
  ["a raw image", data({ uuid, hostname: "vm1" }), { format: "raw" }, "format"],
  [
    "a format that the guest does not read",
    data({ uuid, hostname: "vm1" }, { guest: "minimal" }),
    { format: "vfat" },
    "format",
  ],
] as const)(
  "%s is refused by the path of the field; nothing is made and nothing repeated",
  async (_what, content, change, field) => {
    await using rig = await DriveServiceRig.open(new MachineModel());
    const refused = await rig.service.populate(drive(content, change), call).catch((error: unknown) => error);
    expect(refused).toMatchObject({ reason: "INVALID_ARGUMENT", violations: [{ field }] });
    expect(JSON.stringify(refused) + String(refused)).not.toContain("hunter2");
    expect(await rig.service.list({ instanceId: "", pageSize: 0, pageToken: "" }, call)).toMatchObject({ drives: [] });
  },
);

test("data that breaks very many rules is told of a few of them", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const content = data({ uuid, hostname: "vm1", keys: Array.from({ length: 5000 }, () => 1) });
  await expect(rig.service.populate(drive(content), call)).rejects.toMatchObject({
    violations: { length: 16 },
    message: expect.stringContaining("and 4984 more"),
  });
});

test("an image larger than readers of the layout find is refused", async () => {
  await using rig = await DriveServiceRig.open(new MachineModel());
  const content = data({ instance_id: "i-1" }, { layout: "ovf" });
  await expect(rig.service.populate(drive(content, { sizeBytes: 16 << 20 }), call)).rejects.toMatchObject({
    reason: "CONTENT_NOT_REPRESENTABLE",
    violations: [{ field: "config_data" }],
  });
});

test("the guest and the layout choose the device, and say why; what no reader would find is refused", async () => {
  const machine = new MachineModel();
  machine.start("i1");
  await using rig = await DriveServiceRig.open(machine);
  const attach = async (content: ConfigData, kind?: "disk" | "cdrom") => {
    const { id } = await rig.service.populate(drive(content), call);
    const request = { requestId: randomUUID(), driveId: id, instanceId: "i1", host: "", ...(kind && { kind }) };
    return (await rig.service.attach(request, call)).attachments[0]?.device.kind;
  };
  expect(await attach(data({ uuid, hostname: "vm1" }))).toBe("disk");
  expect(await attach(data({ uuid, hostname: "vm1" }, { guest: "windows" }))).toBe("cdrom");
  const ovf = data({ instance_id: "i-1" }, { layout: "ovf" });
  expect(await attach(ovf)).toBe("cdrom");
  await expect(attach(ovf, "disk")).rejects.toMatchObject({
    reason: "INVALID_ARGUMENT",
    violations: [{ field: "kind" }],
  });
  for (const kind of [undefined, "cdrom"] as const) {
    machine.refuse("choose", "BUS_NOT_AVAILABLE");
    await expect(attach(ovf, kind)).rejects.toMatchObject({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringMatching(/^choose was refused; of these a cdrom alone: .*nocloud are found on a disk too$/),
    });
  }
});
