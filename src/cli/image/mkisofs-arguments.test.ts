import { parseMkisofsArguments } from "./mkisofs-arguments.js";

const nova =
  "-o /i/disk.config -ldots -allow-lowercase -allow-multidot -l -publisher P -quiet -J -r -V config-2 /tmp/x".split(
    " ",
  );

test("nova's own arguments are understood", () => {
  const argumentList = nova.with(7, "OpenStack Nova 26.2.2");
  expect(parseMkisofsArguments(argumentList)).toEqual({
    output: "/i/disk.config",
    publisher: "OpenStack Nova 26.2.2",
    label: "config-2",
    directory: "/tmp/x",
  });
});

test.each([
  [["-z", ...nova], "-z is not an option"],
  [nova.slice(0, -1), "the directory is missing"],
  [nova.slice(2), "-o FILE is missing"],
  [["-o"], "-o needs a value"],
  [[...nova, "/tmp/y"], "one directory only"],
])("other arguments are refused by name (%#)", (argumentList, message) => {
  expect(() => parseMkisofsArguments(argumentList)).toThrow(message);
});
