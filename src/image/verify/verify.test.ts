import { bytesInput } from "../input/input.js";
import { planIso9660 } from "../iso9660/plan-iso9660.js";
import { planBytes } from "../plan-bytes.js";
import { fromBytes } from "../tree.js";
import { verify } from "./verify.js";

const SECTOR = 2048;
const text = (path: string, content = path) => ({ path, data: fromBytes(Buffer.from(content)) });

function isoImage(): Buffer {
  const files = [
    text("openstack/latest/meta_data.json"),
    text("openstack/latest/user_data"),
    text("empty", ""),
    text("n".repeat(250)),
  ];
  return planBytes(planIso9660({ files }, { label: "config-2", time: new Date("2026-11-22T17:00:00Z") }));
}

function faultsOf(image: Uint8Array): string[] {
  return verify(bytesInput(image)).map(
    ({ severity, structure, offset, clause }) => `${severity} ${structure} ${offset} ${clause}`,
  );
}

test("an image of this writer has no fault", () => {
  expect(faultsOf(isoImage())).toEqual([]);
});

test("a raw image has no structure and no fault", () => {
  expect(faultsOf(new Uint8Array(100_000).fill(0x5a))).toEqual([]);
  expect(faultsOf(new Uint8Array(0))).toEqual([]);
});

test.each([
  ["the two halves of a number", 16 * SECTOR + 84, ["error primary volume descriptor 32848 ECMA-119 8.4.8, 7.3.3"]],
  ["a reserved byte", 17 * SECTOR + 882, ["error Joliet volume descriptor 35698 ECMA-119 8.4.31"]],
  ["the system area", 5, ["warning system area 5 ECMA-119 6.2.1"]],
  ["a digit of a date", 16 * SECTOR + 817, ["error primary volume descriptor 33581 ECMA-119 8.4.26, 8.4.26.1"]],
  [
    "the identifier of the first descriptor",
    16 * SECTOR + 1,
    ["error volume descriptor set 32768 ECMA-119 8.3, 8.1.2"],
  ],
])("finds a fault in %s, and says where it is and by which rule", (_, at, expected) => {
  const image = isoImage();
  image[at]! ^= 0x80;
  expect(faultsOf(image)).toEqual(expect.arrayContaining(expected));
});

test("finds an image that is cut off or goes on", () => {
  const image = isoImage();
  expect(faultsOf(image.subarray(0, image.length - SECTOR))).toContain(
    "error primary volume descriptor 32848 ECMA-119 8.4.8",
  );
  expect(faultsOf(Buffer.concat([image, Buffer.alloc(SECTOR)]))).toContain(
    "warning primary volume descriptor 32848 ECMA-119 8.4.8",
  );
});

test("a rule of its own, the step limit, is a fault and no crash", () => {
  const limits = { entries: 10, depth: 10, path: 1000, structureBytes: 10_000, steps: 3 };
  expect(verify(bytesInput(isoImage()), limits)).toContainEqual({
    severity: "error",
    structure: "image",
    offset: 0,
    clause: "readable",
    message: "image: reading it takes more steps than the limit allows (got 3)",
  });
});
