import { bytesInput } from "./input/input.js";
import { detectImage, openImage } from "./open.js";

test("bytes of no known format are a raw volume without files", () => {
  const volume = openImage(bytesInput(new Uint8Array(4096)));
  expect(volume.info).toEqual({
    format: "raw",
    variant: "raw",
    label: undefined,
    uuid: undefined,
    size: 4096,
    nameSpaces: [],
  });
  expect(volume.entries).toEqual([]);
});

test.each([0, 1, 511, 512, 32_768, 32_773, 34_815, 34_816])("an image of %d bytes of zero or FF is raw", (size) => {
  expect(detectImage(bytesInput(new Uint8Array(size)))).toEqual({ kind: "raw" });
  expect(detectImage(bytesInput(new Uint8Array(size).fill(0xff)))).toEqual({ kind: "raw" });
});

test("an image that says ISO 9660 and has no primary descriptor is refused", () => {
  const bytes = new Uint8Array(20 * 2048);
  bytes.set([255, 0x43, 0x44, 0x30, 0x30, 0x31, 1], 16 * 2048);
  expect(() => openImage(bytesInput(bytes))).toThrow("has a primary volume descriptor (ECMA-119 8.4)");
});
