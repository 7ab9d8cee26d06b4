import { ReadBudget } from "#image/input/budget.js";
import { bytesInput } from "#image/input/input.js";
import { readDirectoryRecords } from "#image/iso9660/read/directory.js";
import { type DirectoryRecord, isDirectory, isParent, isSelf } from "#image/iso9660/read/directory-record.js";
import { systemUseStructures } from "./rock-ridge-structures.js";
import { type Field, field, type Placed } from "./structure.js";

const SECTOR = 2048;
const PRIMARY = 16 * SECTOR;
const JOLIET = 17 * SECTOR;
const TERMINATOR = 18 * SECTOR;

/** The head that every volume descriptor has (ECMA-119 8.1). */
const HEAD: readonly Field[] = [
  field("type", 0, 1, "byte"),
  field("standard identifier", 1, 5, "signature"),
  field("version", 6, 1, "byte"),
];

/** What primary and supplementary descriptors have alike (ECMA-119 8.4, 8.5); `text` is how they write it. */
function descriptorFields(text: "text" | "text-ucs2"): readonly Field[] {
  return [
    ...HEAD,
    field("system identifier", 8, 32, text),
    field("volume identifier", 40, 32, text),
    field("unused field 73-80", 72, 8, "zero"),
    field("volume space size", 80, 8, "both32"),
    field("volume set size", 120, 4, "both16"),
    field("volume sequence number", 124, 4, "both16"),
    field("logical block size", 128, 4, "both16"),
    field("path table size", 132, 8, "both32"),
    field("location of path table L", 140, 4, "number32"),
    field("location of optional path table L", 144, 4, "number32"),
    field("location of path table M", 148, 4, "number32-big"),
    field("location of optional path table M", 152, 4, "number32-big"),
    field("volume set identifier", 190, 128, text),
    field("publisher identifier", 318, 128, text),
    field("data preparer identifier", 446, 128, text),
    field("application identifier", 574, 128, text),
    field("copyright file identifier", 702, text === "text" ? 37 : 36, text),
    field("abstract file identifier", 739, text === "text" ? 37 : 36, text),
    field("bibliographic file identifier", 776, text === "text" ? 37 : 36, text),
    field("volume creation date", 813, 17, "volume-date"),
    field("volume modification date", 830, 17, "volume-date"),
    field("volume expiration date", 847, 17, "volume-date"),
    field("volume effective date", 864, 17, "volume-date"),
    field("file structure version", 881, 1, "byte"),
    field("reserved byte 883", 882, 1, "zero"),
    field("application use", 883, 512, "zero"),
    field("reserved field 1396-2048", 1395, 653, "zero"),
  ];
}

const PRIMARY_FIELDS = [
  ...descriptorFields("text"),
  field("unused byte 8", 7, 1, "zero"),
  field("unused field 89-120", 88, 32, "zero"),
];
const JOLIET_FIELDS = [
  ...descriptorFields("text-ucs2"),
  field("volume flags", 7, 1, "flags"),
  field("escape sequence", 88, 3, "signature"),
  field("rest of the escape sequences", 91, 29, "zero"),
];
const TERMINATOR_FIELDS = [...HEAD, field("reserved bytes", 7, SECTOR - 7, "zero")];

/** A directory record (ECMA-119 9.1) whose identifier has that many bytes. */
function recordFields(identifierLength: number): readonly Field[] {
  return [
    field("length of directory record", 0, 1, "byte"),
    field("extended attribute record length", 1, 1, "byte"),
    field("location of extent", 2, 8, "both32"),
    field("data length", 10, 8, "both32"),
    field("recording date", 18, 7, "record-date"),
    field("file flags", 25, 1, "flags"),
    field("file unit size", 26, 1, "byte"),
    field("interleave gap size", 27, 1, "byte"),
    field("volume sequence number", 28, 4, "both16"),
    field("length of file identifier", 32, 1, "byte"),
    field("file identifier", 33, identifierLength, "identifier"),
    ...(identifierLength % 2 === 0 ? [field("padding field", 33 + identifierLength, 1, "zero")] : []),
  ];
}

/** Every structure of an image that has a primary and a Joliet tree in sectors of 2048 bytes. */
export function iso9660Structures(image: Buffer): Placed[] {
  return [
    { name: "system area", at: 0, fields: [field("all of it", 0, PRIMARY, "zero")] },
    { name: "primary volume descriptor", at: PRIMARY, fields: PRIMARY_FIELDS },
    { name: "Joliet volume descriptor", at: JOLIET, fields: JOLIET_FIELDS },
    { name: "volume descriptor set terminator", at: TERMINATOR, fields: TERMINATOR_FIELDS },
    { name: "root directory record", at: PRIMARY + 156, fields: recordFields(1) },
    { name: "Joliet root directory record", at: JOLIET + 156, fields: recordFields(1) },
    ...treeStructures(image, PRIMARY, "directory", true),
    ...treeStructures(image, JOLIET, "Joliet directory", false),
    ...pathTableStructures(image, PRIMARY, "path table"),
    ...pathTableStructures(image, JOLIET, "Joliet path table"),
  ];
}

/** The records of a tree, the end of its directories' sectors, and with `systemUse` the System Use entries. */
function treeStructures(image: Buffer, descriptor: number, name: string, systemUse: boolean): Placed[] {
  const placed: Placed[] = [];
  const budget = new ReadBudget({ steps: 1e6, structureBytes: 1e6 });
  const input = bytesInput(image);
  const open = [{ block: image.readUInt32LE(descriptor + 158), size: image.readUInt32LE(descriptor + 166) }];
  for (const { block, size } of open) {
    const records = readDirectoryRecords(input, block * SECTOR, size, budget);
    for (const record of records) {
      const kind = isSelf(record)
        ? "own"
        : isParent(record)
          ? "parent's"
          : isDirectory(record)
            ? "directory's"
            : "file's";
      const empty = kind === "file's" && record.size === 0 ? "empty file's" : kind;
      placed.push({
        name: `${name} record, ${empty}`,
        at: record.offset,
        fields: recordFields(record.identifier.length),
      });
      if (systemUse) placed.push(...systemUseStructures(input, record, budget));
      if (kind === "directory's") open.push({ block: record.extent, size: record.size });
    }
    placed.push(...slack(records.at(-1), block, size, name));
  }
  return placed;
}

function slack(last: DirectoryRecord | undefined, block: number, size: number, name: string): Placed[] {
  const end = last === undefined ? block * SECTOR : last.offset + last.bytes.length;
  const rest = block * SECTOR + size - end;
  return rest === 0 ? [] : [{ name, at: end, fields: [field("rest of the last sector", 0, rest, "zero")] }];
}

/** The records of the two path tables of a tree (ECMA-119 9.4). */
function pathTableStructures(image: Buffer, descriptor: number, name: string): Placed[] {
  const size = image.readUInt32LE(descriptor + 132);
  const tables = [
    { letter: "L", start: image.readUInt32LE(descriptor + 140) * SECTOR, number: "number32" as const },
    { letter: "M", start: image.readUInt32BE(descriptor + 148) * SECTOR, number: "number32-big" as const },
  ];
  return tables.flatMap(({ letter, start, number }) => {
    const placed: Placed[] = [];
    for (let at = start; at < start + size; ) {
      const length = image.readUInt8(at);
      const padded = length % 2 === 1 ? [field("padding field", 8 + length, 1, "zero")] : [];
      placed.push({
        name: `${name} ${letter}`,
        at,
        fields: [
          field("length of directory identifier", 0, 1, "byte"),
          field("extended attribute record length", 1, 1, "byte"),
          field("location of extent", 2, 4, number),
          field("parent directory number", 6, 2, "number16"),
          field("directory identifier", 8, length, "identifier"),
          ...padded,
        ],
      });
      at += 8 + length + (length % 2);
    }
    return placed;
  });
}
