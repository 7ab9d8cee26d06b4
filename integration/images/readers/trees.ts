import { type FileTree, fromBytes } from "#image/tree.js";
import fc from "#integration/rigs/properties.js";
import { FULL } from "../form.js";
import { randomTree } from "../random-trees.js";

const SEED = Number(process.env.SEED ?? 20261122);

const file = (path: string, content: string | number = path) => ({
  path,
  data: fromBytes(typeof content === "string" ? Buffer.from(content) : Buffer.alloc(content, path)),
});

/** What readers stumble over, in one tree: empty, deep, long, Unicode, sizes around a sector, equal files, many in one directory. */
export function awkwardTree(): FileTree {
  const deep = Array.from({ length: 14 }, (_, i) => `level${i + 1}`).join("/");
  return {
    files: [
      file("openstack/latest/meta_data.json", '{"uuid": "83679162-1378-4288-a2d4-70e13ec132aa"}'),
      file("openstack/latest/user_data", "#!/bin/sh\n"),
      file("ec2/latest/user-data", "#!/bin/sh\n"),
      file(`${deep}/file`),
      file("empty", ""),
      ...[2047, 2048, 2049, 4095, 4096, 4097, 200_000].map((size) => file(`sizes/${size}`, size)),
      file("n".repeat(250)),
      file(`${"joliet name of more than sixty-four characters that is cut there, one".padEnd(80, "-")}1`),
      file(`${"joliet name of more than sixty-four characters that is cut there, one".padEnd(80, "-")}2`),
      file("Größe Ж 中文.txt"),
      file("nfd-e\u0301"),
      file("nfc-\u00e9"),
      file("astral-\u{1f600}"),
      file("a.b.c.d"),
      file("dash-and space (1)"),
      ...Array.from({ length: 60 }, (_, i) => file(`many/file-${i}.txt`)),
    ],
    directories: [{ path: "empty directory" }],
  };
}

/** The awkward tree and some random ones, the same for the same seed. */
export function treesFor(fits: (name: string) => boolean): FileTree[] {
  return [awkwardTree(), ...fc.sample(randomTree(fits), { numRuns: FULL ? 40 : 6, seed: SEED })];
}
