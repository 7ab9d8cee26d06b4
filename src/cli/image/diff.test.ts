import { difference } from "./diff.js";
import type { ListedEntry, Listing } from "./listing.js";

function listing(entries: readonly ListedEntry[], over: Partial<Listing> = {}): Listing {
  const info = {
    format: "iso9660",
    variant: "ISO 9660",
    label: "config-2",
    uuid: "u",
    size: 1,
    nameSpaces: [],
    sha256: "s",
  } as const;
  return { ...info, entries, ...over };
}
const file = (path: string, sha256: string, mode = "0444"): ListedEntry => ({
  path,
  kind: "file",
  size: 1,
  sha256,
  mode,
});

test("what a guest sees change is told, by path", () => {
  const before = listing([file("a", "1"), file("b", "1"), file("c", "1")]);
  const after = listing([file("b", "2", "0400"), file("c", "1"), file("d", "1")], { label: "cidata" });
  expect(difference(before, after)).toEqual([
    { path: "(label)", change: "changed", what: "config-2 -> cidata" },
    { path: "a", change: "removed", what: "file" },
    { path: "b", change: "changed", what: "content, mode 0444 -> 0400" },
    { path: "d", change: "added", what: "file" },
  ]);
});

test("raw images differ by their bytes; a new uuid alone is no difference", () => {
  const raw = { format: "raw", variant: "raw" } as const;
  expect(difference(listing([], { ...raw }), listing([], { ...raw, sha256: "t" }))).toHaveLength(1);
  expect(difference(listing([]), listing([], { uuid: "other", sha256: "t" }))).toEqual([]);
});
