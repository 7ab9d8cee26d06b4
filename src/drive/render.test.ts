import { bytesInput } from "#image/input/input.js";
import { openImage } from "#image/open.js";
import type { ImagePlan } from "#image/plan.js";
import { imageStream } from "#image/sink/stream.js";
import { render } from "./render.js";
import type { Spec } from "./spec.js";

const at = new Date("2026-01-01T00:00:00.120Z");

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
    const { info, entries } = await opened(render(spec, at));
    expect(info).toMatchObject({ format, label: "config-2" });
    expect(entries.filter((entry) => entry.kind === "file").map(({ path, size }) => [path, size])).toEqual([
      ["ec2/latest/user-data", 10],
      ["openstack/latest/user_data", 10],
    ]);
  },
);

test("an image over the asked size is refused with both numbers", () => {
  const content = { kind: "files", files: [], directories: [] } as const;
  const spec: Spec = { content, format: "vfat", label: "config-2", sizeBytes: 1024 };
  expect(() => render(spec, at)).toThrow(expect.objectContaining({ reason: "VOLUME_TOO_SMALL" }));
});
