import { randomUUID } from "node:crypto";
import type { DeviceWish, PlacedImage } from "#drive/hypervisor.js";
import { Api } from "../api.js";
import { Line } from "../line.js";
import type { Look, Use } from "../node.js";
import { mediaName, nodeIn, requireOwnMedia, wishesMedia } from "./choose.js";
import { ImageServer } from "./image-server.js";
import { readMediaMark } from "./mark.js";
import { shownMedia } from "./observe.js";

const media = new ImageServer({ host: "127.0.0.1", port: 0, url: "http://x", newName: () => "n" });
const [instance, drive, other] = [randomUUID(), randomUUID(), randomUUID()];
const use: Use = {
  api: new Api(new Line({ url: "http://localhost:1" }), { kind: "none" }, { answerMs: 1, lockMs: 1 }),
  ...{ instanceId: instance, rebuild: false, media, deployMs: 1, maxTextBytes: 1024 },
  signal: new AbortController().signal,
};
const image: PlacedImage = { driveId: drive, generation: 1, path: "/x", sizeBytes: 4096, format: "iso9660" };
const active: Look = {
  ...{ uuid: randomUUID(), state: "active", maintenance: false, isProtected: false, lastError: "", locked: false },
  ...{ holds: false, mark: undefined, media: undefined },
};
const ours = { instance, drive, generation: 2, image: "http://conductor/cdrom.iso" };

test.each<[string, DeviceWish, Partial<Look>, Partial<PlacedImage>, boolean]>([
  ["by itself to a node that is deployed", {}, {}, {}, true],
  ["not by itself before that", {}, { state: "available" }, {}, false],
  ["not by itself where a CD would cut it", {}, {}, { sizeBytes: 4608 }, false],
  ["as a cdrom", { kind: "cdrom" }, { state: "available" }, {}, true],
  ["on usb", { bus: "usb" }, {}, {}, true],
  ["not as a disk", { kind: "disk" }, {}, {}, false],
  ["not on scsi", { bus: "scsi" }, {}, {}, false],
])("virtual media: %s", (_what, wish, look, change, wished) => {
  expect(wishesMedia(use, { ...active, ...look }, { ...image, ...change }, wish)).toBe(wished);
});

test("without anything that serves images, nothing goes as virtual media by itself", () => {
  const { media: _none, ...without } = use;
  expect(wishesMedia(without, active, image, {})).toBe(false);
});

test("the name of a CD tells the node, and no other name does", () => {
  const uuid = randomUUID();
  expect(nodeIn(mediaName(uuid))).toBe(uuid);
  for (const name of ["configdrive", "cdrom-", `cdrom-${uuid}/../x`, uuid]) expect(nodeIn(name)).toBeUndefined();
});

test.each<[string, Look["media"], readonly string[], string]>([
  ["somebody else's CD", undefined, ["http://a/b.iso"], "a CD inserted that is not ours"],
  ["somebody else's CD in the place of ours", ours, ["http://a/b.iso"], "a CD inserted that is not ours"],
  ["somebody else's CD beside ours", ours, [ours.image, "http://a/b.iso"], "a CD inserted that is not ours"],
  ["another drive", { ...ours, drive: other }, [ours.image], `drive ${other} as its CD`],
  ["a CD of an instance that has gone", { ...ours, instance: other }, [ours.image], `of instance ${other}`],
])("a node with %s is refused", (_what, mark, inserted, told) => {
  expect(() => requireOwnMedia(use, { ...active, media: mark }, inserted, drive)).toThrow(
    expect.objectContaining({ reason: "DEVICE_BUSY", message: expect.stringContaining(told) }),
  );
});

test.each<[string, Look["media"], readonly string[]]>([
  ["nothing", undefined, []],
  ["ours", ours, [ours.image]],
  ["ours, which somebody took out", ours, []],
  ["ours, half-way", { instance, drive, generation: 0 }, ["http://a/b.iso"]],
  ["the mark of an instance that has gone with its CD", { ...ours, instance: other, drive: other }, []],
])("a node with %s can have the drive", (_what, mark, inserted) => {
  expect(() => requireOwnMedia(use, { ...active, media: mark }, inserted, drive)).not.toThrow();
});

test("a generation is shown while the BMC shows our CD, and is not known otherwise", () => {
  expect(shownMedia({ media: ours }, [ours.image])).toBe(2);
  expect(shownMedia({ media: ours }, [])).toBe(0);
  expect(shownMedia({ media: ours }, ["http://a/b.iso"])).toBe(0);
  expect(shownMedia({ media: { instance, drive, generation: 0 } }, [ours.image])).toBe(0);
  expect(shownMedia({ media: undefined }, [ours.image])).toBe(0);
});

test("a mark is read in its form alone", () => {
  expect(readMediaMark(ours)).toEqual(ours);
  for (const value of [undefined, null, "x", { ...ours, drive: "x" }, { ...ours, generation: -1 }]) {
    expect(readMediaMark(value)).toBeUndefined();
  }
});
