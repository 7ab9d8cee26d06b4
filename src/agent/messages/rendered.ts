import type { RenderedFile } from "#drive/hypervisor.js";
import type { FileTree } from "#gen/configdrive/v1/content.js";

/** What a compute manager rendered, as it travels. */
export function renderedMessage(files: readonly RenderedFile[]): FileTree {
  return {
    files: files.map(({ path, data }) => ({ path, mode: undefined, data: dataMessage(data) })),
    directories: [],
  };
}

function dataMessage(data: RenderedFile["data"]): FileTree["files"][number]["data"] {
  if (data.kind === "same_as") return { $case: "sameAs", value: data.path };
  return { $case: "content", value: Buffer.from(data.bytes) };
}

/** What came: bytes, or the name of another file that has the same. An agent sends nothing else. */
export function renderedOf(tree: FileTree | undefined): RenderedFile[] {
  return (tree?.files ?? []).map(({ path, data }) => {
    if (data?.$case === "sameAs") return { path, data: { kind: "same_as", path: data.value } };
    return { path, data: { kind: "content", bytes: data?.$case === "content" ? data.value : new Uint8Array(0) } };
  });
}
