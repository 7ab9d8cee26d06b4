import type { Device } from "#drive/drive.js";
import { NovaHypervisor } from "./adapter.js";
import { type ComputePlugin, PluginAway, PluginFailure } from "./compute-plugin.js";

const image = { driveId: "d", generation: 2, path: "/drives/d/2.img", sizeBytes: 4096, format: "iso9660" } as const;
const device: Device = { kind: "cdrom", bus: "ide", name: "hda", reason: "nova chose it" };
const wait = { signal: new AbortController().signal };

/** A plugin that answers everything alike but for what the instance has, and what it was asked. */
function open(answer: unknown, has: unknown = answer) {
  const asked: unknown[] = [];
  const plugin: ComputePlugin = {
    async ask(method, args) {
      asked.push([method, args]);
      if (answer instanceof Error) throw answer;
      return method === "observe_instance" ? has : answer;
    },
    async close() {},
  };
  return { asked, nova: new NovaHypervisor(plugin) };
}

test("the device is nova's choice, and another wish is refused", async () => {
  const { nova, asked } = open({ kind: "cdrom", bus: "ide", name: "hda" });
  expect(await nova.choose("i", image, {}, wait)).toEqual(device);
  expect(asked).toEqual([["choose_device", { instance_id: "i", drive_id: "d" }]]);
  await expect(nova.choose("i", image, { bus: "virtio" }, wait)).rejects.toMatchObject({
    reason: "BUS_NOT_AVAILABLE",
  });
});

test("attach and refresh show an image, detach hides the drive", async () => {
  const { nova, asked } = open(null, { running: true, drives: [{ drive_id: "d", generation: 1, device: "hda" }] });
  await nova.attach("i", image, device, wait);
  await nova.refresh("i", image, device, false, wait);
  await nova.detach("i", "d", device, false, wait);
  const shown = { instance_id: "i", drive_id: "d", generation: 2, path: "/drives/d/2.img", size_bytes: 4096 };
  expect(asked).toEqual([
    ["show_drive", shown],
    ["observe_instance", { instance_id: "i" }],
    ["show_drive", shown],
    ["hide_drive", { instance_id: "i", drive_id: "d" }],
  ]);
});

test("a generation that is shown already is left as it is", async () => {
  const { nova, asked } = open(null, { running: true, drives: [{ drive_id: "d", generation: 2, device: "hda" }] });
  await nova.refresh("i", image, device, false, wait);
  expect(asked).toEqual([["observe_instance", { instance_id: "i" }]]);
});

test("what nova would write now is bytes, or the name of a file that has the same", async () => {
  const files = [
    { path: "a", content: "b25l" },
    { path: "b", same_as: "a" },
  ];
  const { nova, asked } = open({ files });
  expect(await nova.render("i", "d", wait)).toEqual([
    { path: "a", data: { kind: "content", bytes: Buffer.from("one") } },
    { path: "b", data: { kind: "same_as", path: "a" } },
  ]);
  expect(asked).toEqual([["render_drive", { instance_id: "i", drive_id: "d" }]]);
  await expect(open({ files: [{ path: "a", text: "?" }] }).nova.render("i", "d", wait)).rejects.toThrow();
});

test("an instance that does not run is observed as absent", async () => {
  const seen = { drive_id: "d", generation: 2, device: "hda" };
  expect(await open({ running: true, drives: [seen] }).nova.observe("i", wait)).toEqual([
    { driveId: "d", generation: 2, deviceName: "hda" },
  ]);
  expect(await open({ running: false, drives: [] }).nova.observe("i", wait)).toBeUndefined();
});

test.each([
  [new PluginFailure("InstanceInvalidState", "in task_state rebooting"), "INSTANCE_BUSY"],
  [new PluginFailure("InstanceNotFound", "not here"), "INSTANCE_NOT_FOUND"],
  [new PluginFailure("InvalidVolume", "detach it by nova's API"), "DRIVE_ATTACHED"],
  [new PluginFailure("DeviceDetachFailed", "the guest holds it"), "DEVICE_BUSY"],
  [new PluginFailure("libvirtError", "internal error"), "HYPERVISOR_FAILED"],
  [new PluginAway("no answer"), "HYPERVISOR_UNREACHABLE"],
])("%s is refused as %s", async (error, reason) => {
  await expect(open(error).nova.attach("i", image, device, wait)).rejects.toMatchObject({
    reason,
    metadata: { hypervisor: "nova", instance_id: "i" },
  });
});
