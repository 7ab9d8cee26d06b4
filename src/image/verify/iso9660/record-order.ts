import { isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { type CheckedDirectory, type CheckedTree, type IsoCheck, recordPlace } from "./tree.js";

/**
 * A directory's records ascend by name, then by extension, each filled up with spaces (zeros in Joliet), then descend by version
 * (ECMA-119 9.3). Records of one file's parts are equal.
 */
export function checkRecordOrder(check: IsoCheck, tree: CheckedTree, directory: CheckedDirectory): void {
  const step = tree.name === "Joliet" ? 2 : 1;
  let before: Uint8Array | undefined;
  for (const record of directory.records) {
    if (isSelf(record) || isParent(record)) continue;
    const { identifier } = record;
    if (before !== undefined && compareIdentifiers(before, identifier, step) > 0) {
      const place = recordPlace(tree.name, directory, record);
      check.faults.error(place, record.offset + 33, "ECMA-119 9.3", "the records of its directory are out of order");
    }
    before = identifier;
  }
}

/** Compares two identifiers of characters of `step` bytes in the order of ECMA-119 9.3. */
export function compareIdentifiers(a: Uint8Array, b: Uint8Array, step: 1 | 2): number {
  const first = split(a, step);
  const second = split(b, step);
  const filler = step === 1 ? 0x20 : 0;
  return (
    compareFilled(a, 0, first.name, b, 0, second.name, filler) ||
    compareFilled(a, first.extension, first.version, b, second.extension, second.version, filler) ||
    compareFilled(b, second.version, b.length, a, first.version, a.length, 0x30)
  );
}

/** Where the name ends, the extension begins, and the version begins. */
function split(identifier: Uint8Array, step: number): { name: number; extension: number; version: number } {
  let version = identifier.length;
  for (let at = identifier.length - step; at >= 0; at -= step) {
    if (isCharacter(identifier, at, step, 0x3b)) {
      version = at;
      break;
    }
  }
  for (let at = 0; at < version; at += step) {
    if (isCharacter(identifier, at, step, 0x2e)) return { name: at, extension: at + step, version };
  }
  return { name: version, extension: version, version };
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
