import fc from "#integration/rigs/properties.js";
import { deviceId, driveOfDevice, nodeName, parseNodeName } from "./names.js";

const drive = "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff";

test("every drive and generation has a node name of at most 31 characters that gives them back", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 1, max: 36 ** 6 - 1 }), (driveId, generation) => {
      const name = nodeName(driveId, generation);
      expect(name.length).toBeLessThanOrEqual(31);
      expect(name).toMatch(/^[A-Za-z][A-Za-z0-9._-]*$/);
      expect(parseNodeName(name)).toEqual({ driveId, generation });
    }),
  );
});

test("foreign nodes are nobody's", () => {
  for (const name of ["#block123", "libvirt-1-format", "drive0", "cdtoo-short.1", `${nodeName(drive, 1)}x!`]) {
    expect(parseNodeName(name)).toBeUndefined();
  }
});

test.each([0, -1, 1.5, 36 ** 6])("generation %p has no name", (generation) => {
  expect(() => nodeName(drive, generation)).toThrow(RangeError);
});

test("what is not a UUID has no name", () => {
  expect(() => nodeName("../x", 1)).toThrow(RangeError);
});

test("a drive is found in every form that query-block gives for a device", () => {
  const id = deviceId(drive);
  expect(driveOfDevice(id)).toBe(drive);
  expect(driveOfDevice(`/machine/peripheral/${id}/virtio-backend`)).toBe(drive);
  expect(driveOfDevice(`/machine/peripheral/${id}/${id}.0/legacy[0]`)).toBe(drive);
  expect(driveOfDevice(`/machine/peripheral/my${id}/virtio-backend`)).toBeUndefined();
  expect(driveOfDevice("/machine/unattached/device[23]")).toBeUndefined();
});
