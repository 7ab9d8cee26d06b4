import { safeName, safeText } from "./safe-name.js";

test.each(["", ".", ".."])("the name %j cannot stand for a directory entry", (name) => {
  expect(safeName(name)).toBe("\ufffd");
});

test("a separator or NUL inside a name is replaced, all else is kept", () => {
  expect(safeName("../../etc/passwd")).toBe("..\ufffd..\ufffdetc\ufffdpasswd");
  expect(safeName("a\0b")).toBe("a\ufffdb");
  expect(safeName("...")).toBe("...");
});

test("nothing that an image says can command a terminal", () => {
  expect(safeName("\u001b[2Jx\u009b")).toBe("\ufffd[2Jx\ufffd");
  expect(safeText("record /a\u0007/b")).toBe("record /a\ufffd/b");
});
