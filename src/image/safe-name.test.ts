import { safeName } from "./safe-name.js";

test.each(["", ".", ".."])("the name %j cannot stand for a directory entry", (name) => {
  expect(safeName(name)).toBe("\ufffd");
});

test("a separator or NUL inside a name is replaced, all else is kept", () => {
  expect(safeName("../../etc/passwd")).toBe("..\ufffd..\ufffdetc\ufffdpasswd");
  expect(safeName("a\0b")).toBe("a\ufffdb");
  expect(safeName("...")).toBe("...");
});
