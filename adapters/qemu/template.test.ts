import { parseTemplate } from "./template.js";

const instance = { id: "0f6b3c1e-7a52-4c0d-9a41-5c2be2f7f6ff", name: "vm-1", launchIndex: 1 };
const parse = (document: unknown) =>
  parseTemplate({ ...instance, template: typeof document === "string" ? document : JSON.stringify(document) });

test("what differs from one instance to the next is filled in, and other braces stand", () => {
  const { program, arguments: filled } = parse({
    arguments: [
      "-blockdev",
      '{"driver":"file"}',
      "-serial",
      "file:/log/{name}.{launch_index}",
      "-smbios",
      "x={instance_id}",
    ],
  });
  expect(program).toBe("qemu-system-x86_64");
  expect(filled).toEqual([
    "-blockdev",
    '{"driver":"file"}',
    "-serial",
    "file:/log/vm-1.1",
    "-smbios",
    `x=${instance.id}`,
  ]);
});

test.each([
  [["-machine", "q35,accel=kvm:tcg"], "q35"],
  [["-M", "accel=tcg,type=pc-q35-7.2"], "q35"],
  [["--machine", "pc-i440fx-7.2"], "pc"],
  [[], "pc"],
  [["-machine", "pc", "-machine", "q35"], "q35"],
])("%j is a %s machine", (args, family) => expect(parse({ arguments: args }).family).toBe(family));

test("another processor names its machine", () => {
  const program = "qemu-system-aarch64";
  expect(parse({ program, arguments: ["-machine", "virt,gic-version=3"] }).family).toBe("pcie");
  expect(() => parse({ program, arguments: [] })).toThrow("template.arguments: must name a machine");
});

test.each([
  ["secret text", "template: must be JSON"],
  [{ arguments: ["-m", 512] }, "template.arguments[1]: must be text"],
  [{ arguments: ["a\0b"] }, "template.arguments[0]: must not hold NUL"],
  [{ arguments: [], environment: {} }, "template: Unrecognized key"],
  [{ program: "../bin/sh", arguments: [] }, "template.program: must be the name of a QEMU"],
  [{ arguments: ["--uuid", "x"] }, "template.arguments[0]: -uuid is set to the instance's id"],
  [{ arguments: ["-m", "1", "-nographic"] }, "template.arguments[2]: -nographic needs a terminal"],
  [{ arguments: ["-machine", "isapc"] }, "template.arguments[1]: must be a pc, q35 or virt machine"],
])("%j is refused with its place", (document, message) => {
  expect(() => parse(document)).toThrow(message);
  expect(() => parse(document)).not.toThrow("secret");
});

test("a kernel's own word that looks like an option is none", () => {
  expect(parse({ arguments: ["-append", "-S"] }).arguments).toEqual(["-append", "-S"]);
});
