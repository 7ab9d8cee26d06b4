import { bytesInput } from "#image/input/input.js";
import { verify } from "#image/verify/verify.js";
import { sampleFat } from "../sample-images.js";

/** Faults that were seen in the field or that few tools report, each made by hand in an image that had none. */
function clausesOf(image: Uint8Array): string[] {
  return verify(bytesInput(image)).map(({ severity, clause }) => `${severity} ${clause}`);
}

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
