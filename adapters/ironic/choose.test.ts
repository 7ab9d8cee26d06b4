import { randomUUID } from "node:crypto";
import type { PlacedImage } from "#drive/hypervisor.js";
import { Api } from "./api.js";
import { choose } from "./choose.js";
import { Line } from "./line.js";
import type { Look, Use } from "./node.js";
import { shownGeneration } from "./observe.js";

const api = new Api(new Line({ url: "http://localhost:1" }), { kind: "none" }, { answerMs: 1, lockMs: 1 });
const signal = new AbortController().signal;
const use: Use = { api, instanceId: "i", rebuild: false, deployMs: 1, maxTextBytes: 1024, signal };
const image: PlacedImage = { driveId: randomUUID(), generation: 1, path: "/x", sizeBytes: 4096, format: "iso9660" };
const available: Look = {
  ...{ uuid: randomUUID(), state: "available", maintenance: false, isProtected: false, lastError: "" },
  ...{ holds: false, mark: undefined, media: undefined, locked: false },
};

test("a node that is not deployed gets a partition of its disk, and the reason says when", () => {
  for (const state of ["available", "deploy failed", "error"]) {
    expect(choose(use, { ...available, state }, image, {})).toEqual({
      ...{ kind: "disk", bus: "scsi", name: "configdrive" },
      reason: "a partition of the node's own disk, written when the node is deployed",
    });
  }
});

test("a deployed node is rebuilt only by leave", () => {
  const active = { ...available, state: "active" };
  expect(() => choose(use, active, image, {})).toThrow(
    expect.objectContaining({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringContaining("would work: give the drive before"),
    }),
  );
  expect(choose({ ...use, rebuild: true }, active, image, {}).reason).toContain("the node is rebuilt for it");
});

test("a protected node is not rebuilt, whatever the leave", () => {
  const node = { ...available, state: "active", isProtected: true };
  expect(() => choose({ ...use, rebuild: true }, node, image, {})).toThrow(
    expect.objectContaining({
      reason: "BUS_NOT_AVAILABLE",
      message: expect.stringContaining("would work: unset its protection"),
    }),
  );
});

test.each([
  ["cleaning", "INSTANCE_BUSY", "would work: wait until the node is available or active"],
  ["deleting", "INSTANCE_BUSY", "would work: wait"],
  ["a state of tomorrow", "INSTANCE_BUSY", "would work: wait"],
  ["rescue", "INSTANCE_NOT_RUNNING", "would work: unrescue the node first"],
  ["manageable", "INSTANCE_NOT_RUNNING", "would work: make the node available"],
])("a node that is %s is refused as %s, with what would work", (state, reason, told) => {
  const message = expect.stringContaining(told);
  expect(() => choose({ ...use, rebuild: true }, { ...available, state }, image, {})).toThrow(
    expect.objectContaining({ reason, message }),
  );
});

test.each([
  ["maintenance", { maintenance: true }, "INSTANCE_NOT_RUNNING", "would work: take it out of maintenance"],
  ["somebody else's config drive", { holds: true }, "DEVICE_BUSY", "a config drive that is not ours"],
  ["another drive", { holds: true, mark: { drive: randomUUID(), generation: 1 } }, "DEVICE_BUSY", "has drive "],
])("a node with %s is refused", (_what, change, reason, told) => {
  const message = expect.stringContaining(told);
  expect(() => choose(use, { ...available, ...change }, image, {})).toThrow(
    expect.objectContaining({ reason, message }),
  );
});

test.each([{ kind: "cdrom" }, { bus: "virtio" }, { kind: "disk", bus: "ide" }] as const)(
  "%j is not what Ironic has",
  (wish) => {
    expect(() => choose(use, available, image, wish)).toThrow(
      expect.objectContaining({
        reason: "BUS_NOT_AVAILABLE",
        message: expect.stringContaining("would work: disk on scsi"),
      }),
    );
  },
);

test("an image beyond 64 MiB is refused with both sizes", () => {
  const large = { ...image, sizeBytes: 64 * 1024 * 1024 + 1 };
  expect(() => choose(use, available, large, {})).toThrow(
    expect.objectContaining({
      reason: "BUS_NOT_AVAILABLE",
      metadata: expect.objectContaining({ limit_bytes: "67108864", actual_bytes: "67108865" }),
    }),
  );
});

test.each([
  ["available", true, 3, 3],
  ["active", true, 3, 3],
  ["rescue", true, 3, 3],
  ["active", true, 0, 0],
  // Somebody took the config drive away and left the mark.
  ["active", false, 3, 0],
  ["deploying", true, 3, 0],
  ["cleaning", true, 3, 0],
  ["a state of tomorrow", true, 3, 0],
])("on a node that is %s (config drive: %j) a mark of generation %i shows %i", (state, holds, generation, shown) => {
  const mark = { drive: image.driveId, generation };
  expect(shownGeneration({ ...available, state, holds, mark })).toBe(shown);
});
