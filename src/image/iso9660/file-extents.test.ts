import type { FileNode } from "../hierarchy.js";
import { type ByteSource, fromBytes } from "../tree.js";
import { FileExtents } from "./file-extents.js";

function fileOf(data: ByteSource, index = 0): FileNode {
  return { kind: "file", name: "f", path: "f", data, mode: 0, uid: 0, gid: 0, mtime: 0, index };
}

describe("FileExtents", () => {
  it("shares one extent among files of equal bytes, however many sizes meet", () => {
    const files = new FileExtents(40);
    const contents = Array.from({ length: 40 }, (_, i) => Buffer.alloc(100, i % 20));
    for (const [i, bytes] of contents.entries()) files.add(fileOf(fromBytes(bytes), i));
    expect(files.extents).toHaveLength(20);
    expect(files.extents.map((extent) => extent.data.bytes?.[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("shares a source that is read later only with itself", () => {
    const files = new FileExtents(3);
    const source: ByteSource = { size: 3, async *read() {} };
    const twin: ByteSource = { size: 3, async *read() {} };
    for (const [i, data] of [source, twin, source].entries()) files.add(fileOf(data, i));
    expect(files.extents.map((extent) => extent.data)).toEqual([source, twin]);
  });

  it("gives an empty file no extent and sector 0", () => {
    const files = new FileExtents(1);
    const empty = fileOf(fromBytes(new Uint8Array()));
    files.add(empty);
    expect(files.extents).toHaveLength(0);
    expect(files.sectorOf(empty)).toBe(0);
  });
});
