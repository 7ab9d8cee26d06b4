import { uint32le } from "../../input/integers.js";
import type { EntryKind } from "../../volume.js";
import { recordDate, volumeDate } from "./dates.js";
import { symbolicLinkTarget } from "./symbolic-link.js";
import type { SystemUseEntry } from "./system-use.js";

/** What the Rock Ridge entries of one record say (RRIP 4.1). What is not there is unset. */
export interface RockRidge {
  /** NM; `undefined` where there is none or it stands for `.` or `..`. */
  readonly name: string | undefined;
  readonly mode: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mtime: Date | undefined;
  readonly target: string | undefined;
  /** CL: the block of a directory that was moved away from here (RRIP 4.1.5.1). */
  readonly childBlock: number | undefined;
  /** RE: this directory was moved here from elsewhere (RRIP 4.1.5.3). */
  readonly relocated: boolean;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const NM_CONTINUE = 1;
const NM_SELF_OR_PARENT = 6;
const TF_LONG_FORM = 128;
const TF_MODIFY = 2;

/** Reads the Rock Ridge entries of a record. Entries too short for what they hold count as absent. */
export function rockRidge(entries: readonly SystemUseEntry[]): RockRidge {
  const name: Uint8Array[] = [];
  let named = false;
  let nameEnded = false;
  let px: Uint8Array | undefined;
  let mtime: Date | undefined;
  let childBlock: number | undefined;
  let relocated = false;
  for (const { signature, bytes } of entries) {
    if (signature === "NM" && bytes.length >= 5 && !nameEnded && (bytes[4]! & NM_SELF_OR_PARENT) === 0) {
      name.push(bytes.subarray(5));
      named = true;
      nameEnded = (bytes[4]! & NM_CONTINUE) === 0;
    } else if (signature === "PX" && bytes.length >= 36) px ??= bytes;
    else if (signature === "TF" && bytes.length >= 5) mtime ??= modifyTime(bytes);
    else if (signature === "CL" && bytes.length >= 12) childBlock ??= uint32le(bytes, 4);
    else if (signature === "RE") relocated = true;
  }
  return {
    name: named ? utf8.decode(name.length === 1 ? name[0] : Buffer.concat(name)) : undefined,
    mode: px && uint32le(px, 4),
    uid: px && uint32le(px, 20),
    gid: px && uint32le(px, 28),
    mtime,
    target: symbolicLinkTarget(entries),
    childBlock,
    relocated,
  };
}

/** The modification time of a TF entry (RRIP 4.1.6): stamps stand in the order of their flag bits. */
function modifyTime(bytes: Uint8Array): Date | undefined {
  const flags = bytes[4]!;
  if ((flags & TF_MODIFY) === 0) return undefined;
  const each = (flags & TF_LONG_FORM) === 0 ? 7 : 17;
  const at = 5 + ((flags & 1) === 0 ? 0 : each);
  if (at + each > bytes.length) return undefined;
  return each === 7 ? recordDate(bytes, at) : volumeDate(bytes, at);
}

const KIND_BITS = 0o170000;

/** What kind of thing a PX file mode names (RRIP 4.1.1). */
export function kindOfMode(mode: number): EntryKind {
  switch (mode & KIND_BITS) {
    case 0o040000:
      return "directory";
    case 0o100000:
      return "file";
    case 0o120000:
      return "symlink";
    default:
      return "other";
  }
}
