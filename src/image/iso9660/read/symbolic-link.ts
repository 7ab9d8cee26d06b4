import { safeText } from "../../safe-name.js";
import type { SystemUseEntry } from "./system-use.js";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Component record flags, RRIP 4.1.3.1. */
const CONTINUES = 1;
const CURRENT = 2;
const PARENT = 4;
const ROOT = 8;

/** The target that a record's SL entries spell (RRIP 4.1.3), or `undefined` where there are none. It is text and nothing else. */
export function symbolicLinkTarget(entries: readonly SystemUseEntry[]): string | undefined {
  const parts: string[] = [];
  let found = false;
  let open = false;
  for (const { signature, bytes } of entries) {
    if (signature !== "SL") continue;
    found = true;
    for (let at = 5; at + 2 <= bytes.length; ) {
      const flags = bytes[at]!;
      const end = Math.min(at + 2 + bytes[at + 1]!, bytes.length);
      const text = componentText(flags, bytes.subarray(at + 2, end));
      if (open) parts.push(`${parts.pop() ?? ""}${text}`);
      else parts.push(text);
      open = (flags & CONTINUES) !== 0;
      at = end;
    }
  }
  if (!found) return undefined;
  return safeText(parts[0] === "/" ? `/${parts.slice(1).join("/")}` : parts.join("/"));
}

function componentText(flags: number, content: Uint8Array): string {
  if ((flags & ROOT) !== 0) return "/";
  if ((flags & PARENT) !== 0) return "..";
  if ((flags & CURRENT) !== 0) return ".";
  return utf8.decode(content);
}
