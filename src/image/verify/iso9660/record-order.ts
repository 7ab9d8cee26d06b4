import { type DirectoryRecord, isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { type CheckedDirectory, type CheckedTree, type IsoCheck, recordPlace } from "./tree.js";

/** A way to take an identifier apart: where its name ends, where its extension begins, and where its version begins. */
type Split = (identifier: Uint8Array, step: 1 | 2) => { name: number; extension: number; version: number };

/**
 * A directory's records ascend by name, then by extension, each filled up with spaces (zeros in Joliet), then descend by version
 * (ECMA-119 9.3). Records of one file's parts are equal. The standard knows one dot in an identifier; where there are more, writers take
 * the first, the last or none for the one between name and extension, and any of them will do for a whole directory.
 */
export function checkRecordOrder(check: IsoCheck, tree: CheckedTree, directory: CheckedDirectory): void {
  const step = tree.name === "Joliet" ? 2 : 1;
  const records = directory.records.filter((record) => !isSelf(record) && !isParent(record));
  const wrong = firstOutOfOrder(records, step, atFirstDot);
  if (wrong === undefined || [atLastDot, atNoDot].some((way) => firstOutOfOrder(records, step, way) === undefined))
    return;
  const place = recordPlace(tree.name, directory, wrong);
  check.faults.error(place, wrong.offset + 33, "ECMA-119 9.3", "the records of its directory are out of order");
}

function firstOutOfOrder(records: readonly DirectoryRecord[], step: 1 | 2, way: Split): DirectoryRecord | undefined {
  for (let i = 1; i < records.length; i++) {
    if (compareIdentifiers(records[i - 1]!.identifier, records[i]!.identifier, step, way) > 0) return records[i];
  }
  return undefined;
}

/** Compares two identifiers of characters of `step` bytes in the order of ECMA-119 9.3. */
function compareIdentifiers(a: Uint8Array, b: Uint8Array, step: 1 | 2, way: Split): number {
  const first = way(a, step);
  const second = way(b, step);
  const filler = step === 1 ? 0x20 : 0;
  return (
    compareFilled(a, 0, first.name, b, 0, second.name, filler) ||
    compareFilled(a, first.extension, first.version, b, second.extension, second.version, filler) ||
    compareFilled(b, second.version, b.length, a, first.version, a.length, 0x30)
  );
}

const atFirstDot: Split = (identifier, step) => {
  const version = versionOf(identifier, step);
  for (let at = 0; at < version; at += step) {
    if (isCharacter(identifier, at, step, 0x2e)) return { name: at, extension: at + step, version };
  }
  return { name: version, extension: version, version };
};

const atLastDot: Split = (identifier, step) => {
  const version = versionOf(identifier, step);
  for (let at = version - step; at >= 0; at -= step) {
    if (isCharacter(identifier, at, step, 0x2e)) return { name: at, extension: at + step, version };
  }
  return { name: version, extension: version, version };
};

const atNoDot: Split = (identifier, step) => {
  const version = versionOf(identifier, step);
  return { name: version, extension: version, version };
};

/** Where the semicolon and the version number begin, or the identifier's end. */
function versionOf(identifier: Uint8Array, step: number): number {
  for (let at = identifier.length - step; at >= 0; at -= step) {
    if (isCharacter(identifier, at, step, 0x3b)) return at;
  }
  return identifier.length;
}

function isCharacter(identifier: Uint8Array, at: number, step: number, code: number): boolean {
  return step === 1 ? identifier[at] === code : identifier[at] === 0 && identifier[at + 1] === code;
}

function compareFilled(
  a: Uint8Array,
  aFrom: number,
  aTo: number,
  b: Uint8Array,
  bFrom: number,
  bTo: number,
  filler: number,
): number {
  const length = Math.max(aTo - aFrom, bTo - bFrom);
  for (let i = 0; i < length; i++) {
    const left = aFrom + i < aTo ? a[aFrom + i]! : filler;
    const right = bFrom + i < bTo ? b[bFrom + i]! : filler;
    if (left !== right) return left - right;
  }
  return 0;
}
