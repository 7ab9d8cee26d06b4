import type { ReadBudget } from "#image/input/budget.js";
import type { ImageInput } from "#image/input/input.js";
import { type DirectoryRecord, isParent, isSelf } from "#image/iso9660/read/directory-record.js";
import { readSystemUse } from "#image/iso9660/read/system-use.js";
import { type Field, field, type Placed } from "./structure.js";

/** The head that every System Use entry has (SUSP 4.1). */
const HEAD: readonly Field[] = [
  field("signature", 0, 2, "signature"),
  field("length", 2, 1, "byte"),
  field("version", 3, 1, "byte"),
];

/** The fields behind the head, by signature (SUSP 5; RRIP 4.1); some stand as often as the entry says. */
const FIELDS: Readonly<Record<string, (bytes: Uint8Array) => readonly Field[]>> = {
  SP: () => [field("check bytes", 4, 2, "signature"), field("bytes skipped", 6, 1, "byte")],
  ER: (bytes) => [
    field("length of identifier", 4, 1, "byte"),
    field("length of descriptor", 5, 1, "byte"),
    field("length of source", 6, 1, "byte"),
    field("extension version", 7, 1, "byte"),
    field("extension identifier", 8, bytes[4]!, "identifier"),
    field("extension descriptor", 8 + bytes[4]!, bytes[5]!, "identifier"),
    field("extension source", 8 + bytes[4]! + bytes[5]!, bytes[6]!, "identifier"),
  ],
  CE: () => [
    field("block", 4, 8, "both32"),
    field("offset", 12, 8, "both32"),
    field("length of area", 20, 8, "both32"),
  ],
  PX: (bytes) => [
    field("file mode", 4, 8, "both32"),
    field("links", 12, 8, "both32"),
    field("user id", 20, 8, "both32"),
    field("group id", 28, 8, "both32"),
    ...(bytes.length === 44 ? [field("serial number", 36, 8, "both32")] : []),
  ],
  TF: (bytes) => [
    field("flags", 4, 1, "flags"),
    ...Array.from({ length: (bytes.length - 5) / 7 }, (_, i) => field("time stamp", 5 + 7 * i, 7, "record-date")),
  ],
  NM: (bytes) => [
    field("flags", 4, 1, "flags"),
    ...(bytes.length > 5 ? [field("name", 5, bytes.length - 5, "signature")] : []),
  ],
  SL: (bytes) => [
    field("flags", 4, 1, "flags"),
    field("component flags", 5, 1, "flags"),
    field("component length", 6, 1, "byte"),
    ...(bytes[6]! > 0 ? [field("component", 7, bytes[6]!, "signature")] : []),
  ],
  CL: () => [field("location of child", 4, 8, "both32")],
  PL: () => [field("location of parent", 4, 8, "both32")],
  RE: () => [],
  RR: () => [field("flags", 4, 1, "flags")],
};

/** The System Use entries of a record. */
export function systemUseStructures(input: ImageInput, record: DirectoryRecord, budget: ReadBudget): Placed[] {
  const kind = isSelf(record) || isParent(record) ? " of a directory itself or its parent" : "";
  return readSystemUse(input, record, 0, 2048, budget).map(({ signature, offset, bytes }) => ({
    name: `${signature} entry${signature === "RE" || signature === "NM" ? kind : ""}`,
    at: offset,
    fields: [...HEAD, ...(FIELDS[signature]?.(bytes) ?? [])],
  }));
}
