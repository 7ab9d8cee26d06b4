import { ReadBudget } from "#image/input/budget.js";
import { bytesInput } from "#image/input/input.js";
import { readDirectoryRecords } from "#image/iso9660/read/directory.js";
import type { DirectoryRecord } from "#image/iso9660/read/directory-record.js";
import { jolietName } from "#image/iso9660/read/names.js";
import { verify } from "#image/verify/verify.js";
import { sampleFat, sampleIso } from "../sample-images.js";

/** Faults that were seen in the field or that no stock tool reports, each made by hand in an image that had none. */
const SECTOR = 2048;
const PRIMARY = 16 * SECTOR;
const JOLIET = 17 * SECTOR;

function clausesOf(image: Uint8Array): string[] {
  return verify(bytesInput(image)).map(({ severity, clause }) => `${severity} ${clause}`);
}

/** The records of a root directory. */
function rootRecords(image: Buffer, descriptor: number): DirectoryRecord[] {
  const start = image.readUInt32LE(descriptor + 158) * SECTOR;
  const budget = new ReadBudget({ steps: 1e4, structureBytes: 1e6 });
  return readDirectoryRecords(bytesInput(image), start, image.readUInt32LE(descriptor + 166), budget);
}

/** Where the record of this Joliet name begins in the Joliet root directory. */
function jolietRecord(image: Buffer, name: string): number {
  const record = rootRecords(image, JOLIET).find(({ identifier }) => jolietName(identifier) === name);
  if (record === undefined) throw new Error(`no record ${name}`);
  return record.offset;
}

function both32(image: Buffer, at: number, value: number): void {
  image.writeUInt32LE(value, at);
  image.writeUInt32BE(value, at + 4);
}

/** Exchanges two neighbouring records of the primary root directory. */
function swap(image: Buffer): void {
  const [, , first, second] = rootRecords(image, PRIMARY);
  if (first === undefined || second === undefined) throw new Error("the root has too few records");
  const both = Buffer.concat([second.bytes, first.bytes]);
  both.copy(image, first.offset);
}

const isoFaults: readonly [string, string, (image: Buffer) => Buffer | undefined][] = [
  [
    "half the volume space",
    "error ECMA-119 8.4.8",
    (image) => void both32(image, PRIMARY + 80, Math.floor(image.length / SECTOR / 2)),
  ],
  ["volume space 0 in Joliet", "error ECMA-119 8.4.8", (image) => void both32(image, JOLIET + 80, 0)],
  ["an odd image size", "error ECMA-119 6.1.2", (image) => Buffer.concat([image, Buffer.alloc(7)])],
  ["an image that was cut off", "error ECMA-119 8.4.8", (image) => image.subarray(0, image.length - SECTOR)],
  ["an unsorted directory", "error ECMA-119 9.3", (image) => void swap(image)],
  [
    "a wrong own record",
    "error ECMA-119 6.8.2.2, 9.2",
    (image) => void both32(image, rootRecords(image, PRIMARY)[0]!.offset + 2, 20),
  ],
  [
    "a wrong parent's record",
    "error ECMA-119 6.8.2.2, 9.2",
    (image) => void both32(image, rootRecords(image, JOLIET)[1]!.offset + 2, 20),
  ],
  [
    "a Joliet file that is another one",
    "error Joliet; RRIP 4.1.4",
    (image) => {
      const other = image.readUInt32LE(jolietRecord(image, "sector and one") + 2);
      both32(image, jolietRecord(image, "sector") + 2, other);
    },
  ],
  [
    "a file that shares a part of another",
    "error ECMA-119 6.4",
    (image) => {
      const record = rootRecords(image, PRIMARY).find(({ size }) => size === 2049)!;
      both32(image, record.offset + 2, record.extent - 1);
      both32(image, record.offset + 10, 2 * SECTOR);
    },
  ],
  [
    "a file that lies in a path table",
    "error ECMA-119 6.4",
    (image) => void both32(image, jolietRecord(image, "sector") + 2, image.readUInt32LE(PRIMARY + 140)),
  ],
  [
    "a file outside the volume",
    "error ECMA-119 9.1.3, 9.1.4",
    (image) => void both32(image, jolietRecord(image, "sector") + 2, 0x00ffffff),
  ],
  [
    "a directory whose flag is missing",
    "error RRIP 4.1.1",
    (image) => {
      const record = rootRecords(image, PRIMARY).findLast(({ flags }) => flags === 2)!;
      image[record.offset + 25] = 0;
    },
  ],
  [
    "two names that are equal",
    "error ECMA-119 9.3",
    (image) => {
      const [first, second] = rootRecords(image, JOLIET).filter(({ identifier }) =>
        /^sector/.test(jolietName(identifier)),
      );
      image[second!.offset + 32] = first!.identifier.length;
      Buffer.from(first!.identifier).copy(image, second!.offset + 33);
    },
  ],
  [
    "a path table in another order",
    "error ECMA-119 6.9.1, 9.4.5",
    (image) => {
      const table = image.readUInt32LE(PRIMARY + 140) * SECTOR + 10;
      const first = Buffer.from(image.subarray(table, table + 8 + image[table]! + (image[table]! % 2)));
      const second = table + first.length;
      const other = Buffer.from(image.subarray(second, second + 8 + image[second]! + (image[second]! % 2)));
      Buffer.concat([other, first]).copy(image, table);
    },
  ],
  [
    "a volume identifier filled up with NUL",
    "error ECMA-119 8.4.6, 7.4",
    (image) => void image.fill(0, PRIMARY + 48, PRIMARY + 72),
  ],
  [
    "labels that differ",
    "error ECMA-119 8.4.6; Joliet",
    (image) => void image.write("CONFIG-2", PRIMARY + 40, "latin1"),
  ],
  ["no Joliet label", "error ECMA-119 8.5; Joliet", (image) => void image.fill(0, JOLIET + 40, JOLIET + 72)],
  [
    "an escape sequence of nobody",
    "error ECMA-119 8.5.6; Joliet",
    (image) => void image.write("%/F", JOLIET + 88, "latin1"),
  ],
  ["no terminator", "error ECMA-119 8.3, 8.1.2", (image) => void image.fill(0, 18 * SECTOR, 19 * SECTOR)],
  ["a partition table in the system area", "warning ECMA-119 6.2.1", (image) => void image.writeUInt16LE(0xaa55, 510)],
  ["no SP", "error SUSP 5.3", (image) => void image.write("XX", rootRecords(image, PRIMARY)[0]!.offset + 34, "latin1")],
];

test.each(isoFaults)("ISO 9660: finds %s", (_, clause, damage) => {
  const image = sampleIso();
  expect(clausesOf(image)).toEqual([]);
  expect(clausesOf(damage(image) ?? image)).toContain(clause);
});

/** Where the root directory of the FAT12 sample begins, and an entry of it by its short name. */
const rootStart = (image: Buffer) => (image.readUInt16LE(14) + 2 * image.readUInt16LE(22)) * 512;
const entryOf = (image: Buffer, name: string) => image.indexOf(name, rootStart(image), "latin1");

/** The FAT12 entry of a cluster, in both copies. */
function setEntry(image: Buffer, cluster: number, value: number): void {
  for (const copy of [0, 1]) {
    const at = (image.readUInt16LE(14) + copy * image.readUInt16LE(22)) * 512 + cluster + (cluster >> 1);
    const pair = image.readUInt16LE(at);
    image.writeUInt16LE(cluster % 2 === 0 ? (pair & 0xf000) | value : (pair & 0x000f) | (value << 4), at);
  }
}

const fatFaults: readonly [string, string, (image: Buffer) => Buffer | undefined][] = [
  ["no 55 AA", "error FAT 1.03 Signature_word", (image) => void image.writeUInt16LE(0, 510)],
  ["no jump", "error FAT 1.03 BS_jmpBoot", (image) => void image.fill(0, 0, 3)],
  ["another type's text", "error FAT 1.03 BS_FilSysType", (image) => void image.write("FAT16", 54, "latin1")],
  [
    "copies of the FAT that differ",
    "error FAT 1.03 BPB_NumFATs",
    (image) => void image.writeUInt8(0x77, (image.readUInt16LE(14) + image.readUInt16LE(22)) * 512 + 5),
  ],
  ["another media byte in the FAT", 'error FAT 1.03 "FAT"', (image) => void setEntry(image, 0, 0xff0)],
  ["a lost cluster", 'error FAT 1.03 "FAT"', (image) => void image.writeUInt8(0xe5, entryOf(image, "SECTOR     "))],
  [
    "a chain that meets itself",
    'error FAT 1.03 "FAT"',
    (image) => {
      const first = image.readUInt16LE(entryOf(image, "SECTOR     ") + 26);
      setEntry(image, first + 1, first);
    },
  ],
  [
    "two files on one cluster",
    'error FAT 1.03 "FAT"',
    (image) => {
      const first = image.readUInt16LE(entryOf(image, "SECTOR     ") + 26);
      image.writeUInt16LE(first, entryOf(image, "SECTOR~1") + 26);
    },
  ],
  [
    "a chain that is too short",
    "error FAT 1.03 DIR_FileSize, DIR_FstClusLO",
    (image) => void image.writeUInt32LE(60_000, entryOf(image, "SECTOR     ") + 28),
  ],
  [
    "a chain that leads to a free cluster",
    'error FAT 1.03 "FAT"',
    (image) => void setEntry(image, image.readUInt16LE(entryOf(image, "SECTOR     ") + 26), 0),
  ],
  [
    "an empty file with a cluster",
    "error FAT 1.03 DIR_FileSize, DIR_FstClusLO",
    (image) => void image.writeUInt16LE(50, entryOf(image, "EMPTY      ") + 26),
  ],
  [
    "a long name's checksum",
    'error FAT 1.03 "Long Directory Entries"',
    (image) => void image.writeUInt8(1, entryOf(image, "SECTOR~1") - 32 + 13),
  ],
  [
    "a long name out of order",
    'error FAT 1.03 "Long Directory Entries"',
    (image) => void image.writeUInt8(0x42, entryOf(image, "SECTOR~1") - 32),
  ],
  [
    "a long name that belongs to nobody",
    'error FAT 1.03 "Long Directory Entries"',
    (image) => void image.writeUInt8(0xe5, entryOf(image, "SECTOR~1")),
  ],
  [
    "two short names that are equal",
    "error FAT 1.03 DIR_Name",
    (image) => void image.write("SECTOR     ", entryOf(image, "EMPTY      "), "latin1"),
  ],
  [
    "a label in the boot sector alone",
    "error FAT 1.03 BS_VolLab",
    (image) => void image.writeUInt8(0xe5, entryOf(image, "config-2   ")),
  ],
  ["labels that differ", "error FAT 1.03 BS_VolLab", (image) => void image.write("CONFIG-2", 43, "latin1")],
  [
    "a second label",
    "error FAT 1.03 DIR_Attr",
    (image) => void image.writeUInt8(8, entryOf(image, "EMPTY      ") + 11),
  ],
  [
    ". that leads elsewhere",
    'error FAT 1.03 "Directory Creation"',
    (image) => void image.writeUInt16LE(77, image.indexOf(".          ", rootStart(image), "latin1") + 26),
  ],
  [
    "a date of month 0",
    "error FAT 1.03 DIR_WrtDate",
    (image) => void image.writeUInt16LE(1, entryOf(image, "EMPTY      ") + 24),
  ],
  ["more sectors than the image", "error FAT 1.03 BPB_TotSec32", (image) => void image.writeUInt16LE(4000, 19)],
  [
    "bytes behind the end of a directory",
    "warning FAT 1.03 DIR_Name",
    (image) => void image.writeUInt8(0x41, rootStart(image) + 512 * 32 - 32),
  ],
];

test.each(fatFaults)("FAT: finds %s", (_, clause, damage) => {
  const image = sampleFat(12);
  expect(clausesOf(image)).toEqual([]);
  expect(clausesOf(damage(image) ?? image)).toContain(clause);
});
