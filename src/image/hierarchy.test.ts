import { fieldOf, hierarchyOf } from "./hierarchy.js";
import { ImageRefusal } from "./refusal.js";
import { type FileTree, fromBytes } from "./tree.js";

const TIME = Date.UTC(2026, 0, 2);

function filesAt(...paths: string[]): FileTree {
  return { files: paths.map((path) => ({ path, data: fromBytes(Buffer.from(path)) })) };
}

describe("hierarchyOf", () => {
  it("makes the directories above a file and sorts children by code units", () => {
    const root = hierarchyOf(filesAt("b/c/d", "b/a", "Z", "é"), TIME);
    expect(root.children.map((child) => child.name)).toEqual(["Z", "b", "é"]);
    expect(root.subdirectories).toBe(1);
    const b = root.children[1];
    expect(b?.kind === "directory" ? b.children.map((child) => child.path) : []).toEqual(["b/a", "b/c"]);
  });

  it("gives what an entry does not say: modes 0444 and 0555, root, the image's time", () => {
    const root = hierarchyOf(filesAt("d/f"), TIME);
    const d = root.children[0];
    expect(d).toMatchObject({ mode: 0o555, uid: 0, gid: 0, mtime: TIME });
    expect(d?.kind === "directory" ? d.children[0] : undefined).toMatchObject({ mode: 0o444, mtime: TIME });
  });

  it("lets an entry set the attributes of a directory wherever it stands", () => {
    const root = hierarchyOf({ ...filesAt("d/e/f"), directories: [{ path: "d", mode: 0o700, uid: 7, gid: 8 }] }, TIME);
    expect(root.children[0]).toMatchObject({ mode: 0o700, uid: 7, gid: 8 });
  });

  it.each<[string, FileTree, string]>([
    ["an empty path", filesAt(""), "files[0].path"],
    ["an absolute path", filesAt("/a"), "files[0].path"],
    ["an empty part", filesAt("a", "a//b"), "files[1].path"],
    ["a slash at the end", filesAt("a/"), "files[0].path"],
    ["`.`", filesAt("a/./b"), "files[0].path"],
    ["`..`", filesAt("../a"), "files[0].path"],
    ["NUL", filesAt("a\0b"), "files[0].path"],
    ["a control character", filesAt("a\u0085"), "files[0].path"],
    ["a lone surrogate", filesAt("a\ud800b"), "files[0].path"],
    ["a path over PATH_MAX", filesAt(`${"a/".repeat(2047)}ab`), "files[0].path"],
    ["a file twice", filesAt("a", "b", "a"), "files[2].path"],
    ["a file that is a directory", filesAt("a/b", "a"), "files[1].path"],
    ["a directory twice", { files: [], directories: [{ path: "d" }, { path: "d" }] }, "directories[1].path"],
    ["a mode beyond 07777", { files: [], directories: [{ path: "d", mode: 0o10000 }] }, "directories[0].mode"],
    ["a fractional uid", { files: [], directories: [{ path: "d", uid: 0.5 }] }, "directories[0].uid"],
    ["a gid of 33 bits", { files: [], directories: [{ path: "d", gid: 2 ** 32 }] }, "directories[0].gid"],
    ["no date", { files: [], directories: [{ path: "d", mtime: new Date("no") }] }, "directories[0].mtime"],
    ["a size that lies", { files: [{ path: "f", data: { size: 2, bytes: Buffer.alloc(1) } }] }, "files[0].data"],
    ["a negative size", { files: [{ path: "f", data: { size: -1, async *read() {} } }] }, "files[0].data"],
  ])("refuses %s and names the field", (_, tree, field) => {
    expect(() => hierarchyOf(tree, TIME)).toThrow(ImageRefusal);
    expect(() => hierarchyOf(tree, TIME)).toThrow(expect.objectContaining({ path: field }));
  });

  it("takes dots inside names, and a path of 4095 bytes", () => {
    expect(() => hierarchyOf(filesAt(".a", "..b", "c..", "...", `${"a/".repeat(2046)}abc`), TIME)).not.toThrow();
  });

  it("names the field of a directory by the entry that asked for it", () => {
    const root = hierarchyOf({ files: [], directories: [{ path: "a/b" }] }, TIME);
    expect(fieldOf(root.children[0]!, "path")).toBe("directories[0].path");
  });
});
