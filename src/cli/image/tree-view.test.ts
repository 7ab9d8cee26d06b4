import { stripVTControlCharacters } from "node:util";
import type { Listing } from "./listing.js";
import { treeView } from "./tree-view.js";

test("a tree is drawn with sizes and digests, and names cannot steer the terminal", () => {
  const listing: Listing = {
    format: "iso9660",
    variant: "ISO 9660",
    label: "config-2",
    uuid: "2026-01-01-00-00-00-00",
    size: 2048,
    nameSpaces: ["rock-ridge"],
    sha256: "f".repeat(64),
    entries: [
      { path: "d", kind: "directory", size: 0 },
      { path: "d/evil\u001b[2J", kind: "file", size: 1234, sha256: "a".repeat(64) },
      { path: "z", kind: "symlink", size: 0, target: "/etc/passwd" },
    ],
  };
  const lines = treeView("x.iso", listing).map(stripVTControlCharacters);
  expect(lines).toContain(`  1,234  ${"a".repeat(16)}  │  └─ evil\\x1b[2J`);
  expect(lines.some((each) => each.endsWith("└─ z -> /etc/passwd"))).toBe(true);
  expect(lines.at(-1)).toBe("  1 files, 1,234 bytes");
});
