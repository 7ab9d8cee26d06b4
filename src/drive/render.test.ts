import { createHash } from "node:crypto";
import { bytesInput } from "#image/input/input.js";
import { openImage } from "#image/open.js";
import type { ImagePlan } from "#image/plan.js";
import { planBytes } from "#image/plan-bytes.js";
import { imageStream } from "#image/sink/stream.js";
import { render } from "./render.js";
import type { Spec, SpecFile } from "./spec.js";

const at = new Date("2026-01-01T00:00:00.120Z");

/** Nothing stands in the content store. */
const contents = {
  read: () => {
    throw new Error("nothing is stored");
  },
};

async function opened(plan: ImagePlan) {
  const chunks: Uint8Array[] = [];
  for await (const chunk of imageStream(plan)) chunks.push(Buffer.from(chunk));
  return openImage(bytesInput(Buffer.concat(chunks)));
}

test.each(["iso9660", "vfat"] as const)(
  "files become a labelled %s volume, a same_as with the bytes of its file",
  async (format) => {
    const bytes = Buffer.from("#!/bin/sh\n");
    const spec: Spec = {
      content: {
        kind: "files",
        files: [
          { path: "openstack/latest/user_data", data: { kind: "content", bytes } },
          { path: "ec2/latest/user-data", data: { kind: "same_as", path: "openstack/latest/user_data" } },
        ],
        directories: [],
      },
      format,
      label: "config-2",
      sizeBytes: 0,
    };
    const { info, entries } = await opened(render(spec, at, contents));
    expect(info).toMatchObject({ format, label: "config-2" });
    expect(entries.filter((entry) => entry.kind === "file").map(({ path, size }) => [path, size])).toEqual([
      ["ec2/latest/user-data", 10],
      ["openstack/latest/user_data", 10],
    ]);
  },
);

const file = (path: string, text = path): SpecFile => ({ path, data: { kind: "content", bytes: Buffer.from(text) } });
const tree = (files: readonly SpecFile[], change: Partial<Spec> = {}): Spec => ({
  content: { kind: "files", files, directories: [{ path: "empty" }] },
  format: "iso9660",
  label: "config-2",
  sizeBytes: 0,
  ...change,
});

test.each(["iso9660", "vfat"] as const)(
  "%s: the same spec and time give the same bytes, whatever the order",
  (format) => {
    const digest = (files: readonly SpecFile[]) =>
      createHash("sha256")
        .update(planBytes(render(tree(files, { format }), at, contents)))
        .digest("hex");
    const mode = format === "iso9660" ? { mode: 0o400 } : {};
    const files = [file("a"), file("b/c"), { path: "b/d", data: { kind: "same_as", path: "a" }, ...mode } as const];
    expect(digest(files.toReversed())).toBe(digest(files));
    expect(render(tree(files, { format }), at, contents)).toMatchObject({ format, label: "config-2" });
  },
);

test("a volume of the size asked for, in every format", () => {
  const sizeBytes = 4 * 1024 * 1024;
  const blob: Spec = { content: { kind: "blob", bytes: Buffer.from("x") }, format: "raw", label: "", sizeBytes };
  expect(render(blob, at, contents).size).toBe(sizeBytes);
  expect(render(tree([file("a")], { sizeBytes }), at, contents).size).toBe(sizeBytes);
  expect(render(tree([file("a")], { sizeBytes, format: "vfat" }), at, contents).size).toBe(sizeBytes);
});

test.each([
  ["a path", tree([file("a"), file("b/../c")]), "files.files[1].path"],
  ["the same path twice", tree([file("a"), file("a")]), "files.files[1].path"],
  ["a label", tree([file("a")], { label: "much too long for a label" }), "label"],
  ["a size of no whole sectors", tree([file("a")], { sizeBytes: 1024 * 1024 + 1 }), "size_bytes"],
  [
    "a size of no whole sectors for nothing at all",
    { content: { kind: "blob", bytes: Buffer.alloc(0) }, format: "raw", label: "", sizeBytes: 3 } as Spec,
    "size_bytes",
  ],
  [
    "a mode on vfat, which has none",
    tree([file("a"), { ...file("b"), mode: 0o400 }], { format: "vfat" }),
    "files.files[1].mode",
  ],
  ["the name of a Windows device on vfat", tree([file("a/NUL.txt")], { format: "vfat" }), "files.files[0].path"],
  [
    "a mode of a directory",
    { ...tree([]), content: { kind: "files", files: [], directories: [{ path: "d", mode: -1 }] } } as Spec,
    "files.directories[0].mode",
  ],
])("%s that cannot be is refused by the contract's name of the field", (_, spec, field) => {
  expect(() => render(spec, at, contents)).toThrow(
    expect.objectContaining({ reason: "CONTENT_NOT_REPRESENTABLE", violations: [expect.objectContaining({ field })] }),
  );
});

test("an image that is larger than its volume is refused with both sizes", () => {
  expect(() => render(tree([file("a")], { sizeBytes: 2048 }), at, contents)).toThrow(
    expect.objectContaining({
      reason: "VOLUME_TOO_SMALL",
      metadata: { limit_bytes: "2048", actual_bytes: expect.stringMatching(/^[0-9]{5}$/) },
    }),
  );
});
