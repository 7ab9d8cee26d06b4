import type { AskedBytes, AskedContent } from "./spec.js";

/** Content as the digest of a request takes it. */
export function digestibleContent(content: AskedContent) {
  if (content.kind === "config_data") {
    const { layout, guest, json } = content;
    return { config_data: { layout, guest, json } };
  }
  if (content.kind === "blob") return { blob: digestibleBytes(content.bytes) };
  return {
    files: content.files.map(({ path, mode, data }) => ({
      path,
      mode,
      ...(data.kind === "content" ? { kind: data.kind, bytes: digestibleBytes(data.bytes) } : data),
    })),
    directories: content.directories.map(({ path, mode }) => ({ path, mode })),
  };
}

/** What is asked for is the place, not what stands there: the same request goes on meaning the same drive. */
function digestibleBytes(bytes: AskedBytes) {
  return bytes instanceof Uint8Array ? bytes : { ...bytes };
}
