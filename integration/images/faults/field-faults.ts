import type { Field, Meaning } from "./structure.js";

/** One way to damage a field. `damage` changes the field's own bytes. */
export interface FieldFault {
  readonly name: string;
  readonly damage: (bytes: Buffer) => void;
}

const ABSURD = 0xfffffff0;
const plusOne = (value: number, limit: number) => (value + 1) % limit;

const byte: readonly FieldFault[] = [
  { name: "one more", damage: (b) => b.writeUInt8(plusOne(b.readUInt8(0), 256), 0) },
  { name: "top bit turned", damage: (b) => b.writeUInt8(b.readUInt8(0) ^ 0x80, 0) },
];
const date: readonly FieldFault[] = [
  { name: "month 13", damage: (b) => b.writeUInt8(13, 1) },
  { name: "day 32", damage: (b) => b.writeUInt8(32, 2) },
  { name: "hour 24", damage: (b) => b.writeUInt8(24, 3) },
  { name: "minute 60", damage: (b) => b.writeUInt8(60, 4) },
  { name: "second 60", damage: (b) => b.writeUInt8(60, 5) },
  { name: "zone 53", damage: (b) => b.writeInt8(53, 6) },
];

const FAULTS: Readonly<Record<Meaning, readonly FieldFault[]>> = {
  byte,
  flags: [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => ({
    name: `bit ${bit} turned`,
    damage: (b) => b.writeUInt8(b.readUInt8(0) ^ (1 << bit), 0),
  })),
  number16: [
    { name: "one more", damage: (b) => b.writeUInt16LE(plusOne(b.readUInt16LE(0), 0x10000), 0) },
    { name: "absurd", damage: (b) => b.writeUInt16LE(ABSURD & 0xffff, 0) },
  ],
  number32: [
    { name: "one more", damage: (b) => b.writeUInt32LE(plusOne(b.readUInt32LE(0), 2 ** 32), 0) },
    { name: "absurd", damage: (b) => b.writeUInt32LE(ABSURD, 0) },
  ],
  "number32-big": [
    { name: "one more", damage: (b) => b.writeUInt32BE(plusOne(b.readUInt32BE(0), 2 ** 32), 0) },
    { name: "absurd", damage: (b) => b.writeUInt32BE(ABSURD, 0) },
  ],
  both16: [
    { name: "little-endian half", damage: (b) => b.writeUInt16LE(plusOne(b.readUInt16LE(0), 0x10000), 0) },
    { name: "big-endian half", damage: (b) => b.writeUInt16BE(plusOne(b.readUInt16BE(2), 0x10000), 2) },
    {
      name: "both halves one more",
      damage: (b) => {
        b.writeUInt16LE(plusOne(b.readUInt16LE(0), 0x10000), 0);
        b.writeUInt16BE(plusOne(b.readUInt16BE(2), 0x10000), 2);
      },
    },
  ],
  both32: [
    { name: "little-endian half", damage: (b) => b.writeUInt32LE(plusOne(b.readUInt32LE(0), 2 ** 32), 0) },
    { name: "big-endian half", damage: (b) => b.writeUInt32BE(plusOne(b.readUInt32BE(4), 2 ** 32), 4) },
    {
      name: "both halves one more",
      damage: (b) => {
        b.writeUInt32LE(plusOne(b.readUInt32LE(0), 2 ** 32), 0);
        b.writeUInt32BE(plusOne(b.readUInt32BE(4), 2 ** 32), 4);
      },
    },
    {
      name: "both halves absurd",
      damage: (b) => {
        b.writeUInt32LE(ABSURD, 0);
        b.writeUInt32BE(ABSURD, 4);
      },
    },
  ],
  signature: [
    { name: "first byte", damage: (b) => b.writeUInt8(b.readUInt8(0) ^ 0x1f, 0) },
    { name: "last byte", damage: (b) => b.writeUInt8(b.readUInt8(b.length - 1) ^ 0x1f, b.length - 1) },
  ],
  text: [
    { name: "control character", damage: (b) => b.writeUInt8(1, 0) },
    { name: "filled up with NUL", damage: (b) => b.writeUInt8(0, b.length - 1) },
  ],
  "text-ucs2": [{ name: "control character", damage: (b) => b.writeUInt16BE(1, 0) }],
  "text-utf16le": [
    { name: "control character", damage: (b) => b.writeUInt16LE(1, 0) },
    { name: "forbidden character", damage: (b) => b.writeUInt16LE(0x2f, 0) },
    { name: "half a surrogate pair", damage: (b) => b.writeUInt16LE(0xd800, 0) },
  ],
  identifier: [
    { name: "control character", damage: (b) => b.writeUInt8(1, b.length - 1) },
    { name: "first byte 0xFF", damage: (b) => b.writeUInt8(0xff, 0) },
  ],
  zero: [
    { name: "first byte not zero", damage: (b) => b.writeUInt8(1, 0) },
    { name: "last byte not zero", damage: (b) => b.writeUInt8(0x80, b.length - 1) },
  ],
  "record-date": date,
  "volume-date": [
    { name: "no digit", damage: (b) => b.write("x", 3, "latin1") },
    { name: "month 13", damage: (b) => b.write("13", 4, "latin1") },
    { name: "day 32", damage: (b) => b.write("32", 6, "latin1") },
    { name: "hour 24", damage: (b) => b.write("24", 8, "latin1") },
    { name: "NUL", damage: (b) => b.writeUInt8(0, 15) },
    { name: "zone 53", damage: (b) => b.writeInt8(53, 16) },
  ],
  "fat-date": [
    { name: "month 13", damage: (b) => b.writeUInt16LE((b.readUInt16LE(0) & ~0x1e0) | (13 << 5), 0) },
    { name: "day 0", damage: (b) => b.writeUInt16LE((b.readUInt16LE(0) & ~0x1f) | (1 << 5), 0) },
  ],
  "fat-time": [
    { name: "hour 24", damage: (b) => b.writeUInt16LE(24 << 11, 0) },
    { name: "second 60", damage: (b) => b.writeUInt16LE((b.readUInt16LE(0) & ~0x1f) | 30, 0) },
  ],
};

/** The faults that a field can have. */
export function faultsOf({ meaning }: Field): readonly FieldFault[] {
  return FAULTS[meaning];
}
