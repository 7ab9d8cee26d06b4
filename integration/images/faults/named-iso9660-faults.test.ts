import { ReadBudget } from "#image/input/budget.js";
import { bytesInput } from "#image/input/input.js";
import { readDirectoryRecords } from "#image/iso9660/read/directory.js";
import type { DirectoryRecord } from "#image/iso9660/read/directory-record.js";
import { jolietName } from "#image/iso9660/read/names.js";
import { verify } from "#image/verify/verify.js";
import { sampleIso } from "../sample-images.js";

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
