import type { Content, FileData } from "#drive/spec.js";
import type { File, FileTree } from "#gen/configdrive/v1/content.js";
import type { PopulateVolumeRequest } from "#gen/configdrive/v1/drive_service.js";

type ContentMessage = NonNullable<PopulateVolumeRequest["content"]>;

/** What a drive shall hold, from the contract's words. */
export function contentOf(message: ContentMessage): Content {
  switch (message.$case) {
    case "blob":
      return { kind: "blob", bytes: message.value.data };
    case "files":
      return filesOf(message.value);
  }
}

function filesOf(tree: FileTree): Content {
  return {
    kind: "files",
    files: tree.files.map((file) => ({ path: file.path, data: dataOf(file), ...modeOf(file) })),
    directories: tree.directories.map((directory) => ({ path: directory.path, ...modeOf(directory) })),
  };
}

function dataOf({ data }: File): FileData {
  switch (data?.$case) {
    case undefined:
      return { kind: "content", bytes: new Uint8Array(0) };
    case "content":
      return { kind: "content", bytes: data.value };
    case "text":
      return { kind: "content", bytes: Buffer.from(data.value, "utf8") };
    case "sameAs":
      return { kind: "same_as", path: data.value };
  }
}

function modeOf({ mode }: { mode?: number | undefined }): { mode?: number } {
  return mode === undefined ? {} : { mode };
}
