import { type DirectoryRecord, FLAG, isDirectory, isParent, isSelf } from "../../iso9660/read/directory-record.js";
import { type CheckedDirectory, type CheckedTree, type IsoCheck, recordPlace } from "./tree.js";

/** Joliet's 64 units; longer ones, up to 103, are read by all but what was made to the letter. */
const JOLIET_BYTES = 128;
const JOLIET_LONG_BYTES = 206;
const PLAIN_BYTES = 31;
const PLAIN_RELAXED_BYTES = 37;

/** Identifiers of a directory's records: characters, length, version number (ECMA-119 7.5, 7.6; Joliet), and that none comes twice. */
export function checkIdentifiers(check: IsoCheck, tree: CheckedTree, directory: CheckedDirectory): void {
  const { faults } = check;
  const seen = new Set<string>();
  let continues = false;
  for (const record of directory.records) {
    if (isSelf(record) || isParent(record)) continue;
    const { offset, identifier, flags } = record;
    const place = () => recordPlace(tree.name, directory, record);
    const rule = tree.name === "Joliet" ? jolietRule(record) : plainRule(record);
    if (rule !== undefined)
      faults.error(place(), offset + 33, tree.name === "Joliet" ? "Joliet; ECMA-119 7.5" : "ECMA-119 7.5, 7.6", rule);
    checkLength(check, tree, record, place);
    const key = identifierKey(identifier);
    if (seen.has(key) !== continues) {
      const repeated = seen.has(key);
      faults.error(
        place(),
        offset + 33,
        repeated ? "ECMA-119 9.3" : "ECMA-119 6.5.1, 9.1.6",
        repeated
          ? "two records of the directory have this identifier"
          : "the record before says that its file goes on here",
      );
    }
    seen.add(key);
    continues = (flags & FLAG.multiExtent) !== 0;
  }
  const last = directory.records.at(-1);
  if (continues && last !== undefined) {
    faults.error(
      recordPlace(tree.name, directory, last),
      last.offset + 25,
      "ECMA-119 9.1.6",
      "the file goes on in a record that is not there",
    );
  }
}

function identifierKey(identifier: Uint8Array): string {
  let key = "";
  for (const byte of identifier) key += String.fromCharCode(byte);
  return key;
}

function checkLength({ faults }: IsoCheck, tree: CheckedTree, record: DirectoryRecord, place: () => string): void {
  const joliet = tree.name === "Joliet";
  const length = nameLength(record.identifier, joliet);
  const [usual, most] = joliet ? [JOLIET_BYTES, JOLIET_LONG_BYTES] : [PLAIN_BYTES, PLAIN_RELAXED_BYTES];
  if (length <= usual) return;
  const clause = joliet ? "Joliet" : "ECMA-119 7.5.1, 7.6.3";
  const rule = `the name has ${length} bytes, more than ${usual}`;
  if (length > most) faults.error(place(), record.offset + 32, clause, rule);
  else faults.warning(place(), record.offset + 32, clause, rule);
}

/** Bytes of an identifier without the version number. */
function nameLength(identifier: Uint8Array, joliet: boolean): number {
  const step = joliet ? 2 : 1;
  const end = identifier.length;
  const hasVersion = end > 2 * step && identifier[end - 1] === 0x31 && identifier[end - 1 - step] === 0x3b;
  return hasVersion ? end - 2 * step : end;
}

/** Control characters, `/` and bytes of no ASCII character are wrong however relaxed a writer is; the version number is `;1`. */
function plainRule(record: DirectoryRecord): string | undefined {
  const { identifier } = record;
  for (const byte of identifier) {
    if (byte <= 0x20 || byte >= 0x7f || byte === 0x2f)
      return `the identifier has the byte 0x${byte.toString(16).padStart(2, "0")}`;
  }
  const semicolon = identifier.indexOf(0x3b);
  if (semicolon >= 0 && isDirectory(record)) return "a directory has no version number";
  const versioned = semicolon > 0 && semicolon === identifier.length - 2 && identifier[semicolon + 1] === 0x31;
  if (semicolon >= 0 && !versioned) return "behind a semicolon stands the version number, and it is 1";
  return undefined;
}

/** Joliet forbids control characters and `* / : ; ? \`, but for the `;` of the version number; units are whole and pairs complete. */
function jolietRule({ identifier, flags }: DirectoryRecord): string | undefined {
  if (identifier.length % 2 !== 0) return "an identifier in UCS-2 has an even number of bytes";
  const end = (flags & FLAG.directory) === 0 ? nameLength(identifier, true) : identifier.length;
  for (let at = 0; at < end; at += 2) {
    const unit = (identifier[at]! << 8) | identifier[at + 1]!;
    if (unit < 0x20 || (unit < 0x80 && "*/:;?\\".includes(String.fromCharCode(unit)))) {
      return `the identifier has the character 0x${unit.toString(16).padStart(4, "0")}`;
    }
    const next = at + 2 < end ? (identifier[at + 2]! << 8) | identifier[at + 3]! : 0;
    const high = unit >= 0xd800 && unit < 0xdc00;
    if (high && next >= 0xdc00 && next < 0xe000) at += 2;
    else if (unit >= 0xd800 && unit < 0xe000) return "half a surrogate pair is no character";
  }
  return undefined;
}
