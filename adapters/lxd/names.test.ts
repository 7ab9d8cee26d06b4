import { deviceName, parseDevice } from "./names.js";
import { mountPath, mountPathProblem } from "./place.js";

const DRIVE = "0b0e6f6e-5a0e-4c1e-9a53-0c9d8b7f1a11";

test("a device is known by its name, its generation by its source", () => {
  const name = deviceName(DRIVE);
  expect(name.length).toBeLessThanOrEqual(64);
  expect(parseDevice(name, `/trees/${DRIVE}/12`)).toEqual({ driveId: DRIVE, generation: 12 });
  expect(parseDevice(name, `/trees/${DRIVE}/x`)).toEqual({ driveId: DRIVE, generation: 0 });
  expect(parseDevice(name, "/elsewhere/12")).toBeUndefined();
  expect(parseDevice("root", `/trees/${DRIVE}/12`)).toBeUndefined();
});

test("the path in a container", () => {
  expect(mountPath("/mnt/{drive_id}", DRIVE)).toBe(`/mnt/${DRIVE}`);
  expect(mountPathProblem("/mnt/{drive_id}")).toBeUndefined();
  for (const bad of ["mnt", "/", "/a/../b", "/."]) expect(mountPathProblem(bad)).toBeDefined();
});
