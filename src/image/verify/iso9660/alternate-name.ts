import { isParent, isSelf } from "../../iso9660/read/directory-record.js";
import type { SystemUseEntry } from "../../iso9660/read/system-use.js";
import type { FaultList } from "../fault.js";
import type { RecordUse } from "./system-use.js";

const CONTINUE = 1;
const CURRENT_OR_PARENT = 6;
const RESERVED = 0xd8;
/** What POSIX systems take for a name, and what Linux takes from NM entries. */
const MOST_BYTES = 255;
const LINUX_BYTES = 253;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** NM (RRIP 4.1.4): flags, continuation, characters and length; gives the name's bytes as text of one character each. */
export function checkAlternateName(faults: FaultList, use: RecordUse): string | undefined {
  const { record, entries, place } = use;
  const parts = entries.filter(({ signature }) => signature === "NM");
  if (isSelf(record) || isParent(record)) {
    for (const { bytes, offset } of parts) {
      if (((bytes[4] ?? 0) & CURRENT_OR_PARENT) !== 0 && bytes.length === 5) continue;
      faults.error(
        place("NM"),
        offset,
        "RRIP 4.1.4",
        "the records of a directory itself and of its parent have no name",
      );
    }
    return undefined;
  }
  if (parts.length === 0) {
    faults.error(place("NM"), record.offset + record.systemUse, "RRIP 4.1.4", "no NM entry tells the name");
    return undefined;
  }
  return checkName(faults, use, parts);
}

function checkName(faults: FaultList, { place }: RecordUse, parts: readonly SystemUseEntry[]): string {
  let name = "";
  for (const [index, { bytes, offset }] of parts.entries()) {
    const fault = (at: number, rule: string) => faults.error(place("NM"), offset + at, "RRIP 4.1.4", rule);
    const flags = bytes[4] ?? 0;
    if ((flags & RESERVED) !== 0) fault(4, "bits 3, 4, 6 and 7 of its flags are reserved");
    if ((flags & 0x20) !== 0) fault(4, "bit 5 of its flags is not in use");
    if ((flags & CURRENT_OR_PARENT) !== 0)
      fault(4, "CURRENT and PARENT are for the records of a directory itself and its parent");
    if (((flags & CONTINUE) !== 0) !== index < parts.length - 1)
      fault(4, "CONTINUE says that the next NM entry goes on with the name");
    if (bytes.length <= 5) fault(2, "it holds no part of a name");
    for (let at = 5; at < bytes.length; at++) name += String.fromCharCode(bytes[at]!);
  }
  const { offset } = parts[0]!;
  if (name.includes("/") || name.includes("\0")) {
    faults.error(place("NM"), offset + 5, "RRIP 4.1.4", "a name has neither / nor NUL");
  }
  if (name === "." || name === "..")
    faults.error(place("NM"), offset + 5, "RRIP 4.1.4", "the names . and .. are told by flags");
  if (name.length > MOST_BYTES) {
    faults.error(
      place("NM"),
      offset,
      "RRIP 4.1.4; POSIX NAME_MAX",
      `the name has ${name.length} bytes, more than ${MOST_BYTES}`,
    );
  } else if (name.length > LINUX_BYTES) {
    faults.warning(
      place("NM"),
      offset,
      "RRIP 4.1.4; Linux isofs",
      `Linux cuts a name of more than ${LINUX_BYTES} bytes, this one has ${name.length}`,
    );
  }
  if (!isUtf8(name)) faults.warning(place("NM"), offset + 5, "RRIP 4.1.4", "the name is not UTF-8");
  return name;
}

function isUtf8(latin: string): boolean {
  if (!/[\x80-\xff]/.test(latin)) return true;
  try {
    utf8.decode(Buffer.from(latin, "latin1"));
    return true;
  } catch {
    return false;
  }
}
