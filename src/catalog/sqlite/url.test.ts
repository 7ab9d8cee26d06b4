import { sqliteFile } from "./url.js";

test.each([
  ["sqlite:///drives.sqlite", "drives.sqlite"],
  ["sqlite:///var/drives.sqlite", "var/drives.sqlite"],
  ["sqlite:////var/lib/configdrive/drives.sqlite", "/var/lib/configdrive/drives.sqlite"],
])("%s names %s", (connection, file) => {
  expect(sqliteFile(connection)).toBe(file);
});

test.each([
  "sqlite://",
  "sqlite:///",
  "sqlite://host/file",
  "sqlite:///:memory:",
  "sqlite:///file?mode=ro",
  "sqlite:file",
])("%s names no file", (connection) => {
  expect(() => sqliteFile(connection)).toThrow(expect.objectContaining({ reason: "INVALID_ARGUMENT" }));
});
