import { deviceName, diskAlias, parseAlias } from "./names.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";

test("an alias carries drive and generation, in characters that libvirt takes", () => {
  const alias = diskAlias(drive, 12);
  expect(alias).toBe(`${deviceName(drive)}-12`);
  expect(alias).toMatch(/^ua-[A-Za-z0-9_-]+$/);
  expect(parseAlias(alias)).toEqual({ driveId: drive, generation: 12 });
});

test.each([
  "virtio-disk0",
  "ua-mine",
  `ua-configdrive-${drive}`,
  `ua-configdrive-${drive}-0`,
  `ua-configdrive-${drive}-1x`,
])("%s is not ours", (alias) => {
  expect(parseAlias(alias)).toBeUndefined();
});

test.each([
  [drive.toUpperCase(), 1],
  ["x", 1],
  [drive, 0],
  [drive, 1.5],
] as const)("no alias for %s, %d", (id, generation) => {
  expect(() => diskAlias(id, generation)).toThrow(RangeError);
});
