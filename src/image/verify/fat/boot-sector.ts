import type { FatGeometry } from "../../fat/read/boot-sector.js";
import { isFilledWith, latin1, uint16le, uint32le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";
import { SPECIFICATION } from "./check.js";

const PLACE = "boot sector";

/** The fields of the boot sector by themselves; what they say of each other is the geometry's check. */
export function checkBootSector({ bytes, fat32Layout, type, extendedRecord }: FatGeometry, faults: FaultList): void {
  const error = (at: number, field: string, rule: string) => faults.error(PLACE, at, `${SPECIFICATION} ${field}`, rule);
  const warning = (at: number, field: string, rule: string) =>
    faults.warning(PLACE, at, `${SPECIFICATION} ${field}`, rule);
  if (!(bytes[0] === 0xeb && bytes[2] === 0x90) && bytes[0] !== 0xe9) {
    error(0, "BS_jmpBoot", "it begins with a jump: EB xx 90 or E9 xx xx");
  } else if (bytes[0] === 0xeb && bytes[1]! < extendedRecord + 24) {
    error(1, "BS_jmpBoot", "the jump lands behind the fields");
  }
  if (!isPrintable(bytes, 3, 8)) warning(3, "BS_OEMName", "the name of the system that formatted it is printable");
  if (bytes[16] !== 2) warning(16, "BPB_NumFATs", `there are two FATs as a rule, here ${bytes[16]}`);
  if (uint16le(bytes, 510) !== 0xaa55) error(510, "Signature_word", "bytes 510 and 511 are 55 AA");
  if (uint16le(bytes, 24) === 0) warning(24, "BPB_SecPerTrk", "sectors per track are not 0");
  if (uint16le(bytes, 26) === 0 || uint16le(bytes, 26) > 255) warning(26, "BPB_NumHeads", "heads are 1 to 255");
  const drive = bytes[extendedRecord]!;
  if (drive !== 0x80 && drive !== 0) error(extendedRecord, "BS_DrvNum", "the drive number is 80 or 00");
  const reserved = bytes[extendedRecord + 1]!;
  if ((reserved & ~3) !== 0) error(extendedRecord + 1, "BS_Reserved1", "the byte is zero");
  else if (reserved !== 0) warning(extendedRecord + 1, "BS_Reserved1", "the volume was not taken away cleanly");
  if (bytes[extendedRecord + 2] !== 0x29)
    error(extendedRecord + 2, "BS_BootSig", "29 says that serial number, label and type follow");
  const typeText = latin1(bytes, extendedRecord + 18, 8);
  if (typeText !== `FAT${type}   `)
    error(extendedRecord + 18, "BS_FilSysType", `the volume is FAT${type}, the field says ${JSON.stringify(typeText)}`);
  if (fat32Layout) checkFat32Fields(bytes, error, warning);
}

type Report = (at: number, field: string, rule: string) => void;

function checkFat32Fields(bytes: Uint8Array, error: Report, warning: Report): void {
  const flags = uint16le(bytes, 40);
  if ((flags & 0xff70) !== 0) error(40, "BPB_ExtFlags", "bits 4 to 6 and 8 to 15 are reserved");
  else if ((flags & 0x80) !== 0)
    warning(40, "BPB_ExtFlags", "one FAT alone is kept up to date: many readers take the first");
  else if ((flags & 0x0f) !== 0)
    warning(40, "BPB_ExtFlags", "the number of the active FAT counts only when there is one");
  if (uint16le(bytes, 42) !== 0) error(42, "BPB_FSVer", "the version is 0:0");
  if (!isFilledWith(bytes, 52, 12, 0)) error(52, "BPB_Reserved", "the 12 bytes are zero");
  if (uint32le(bytes, 32) === 0) error(32, "BPB_TotSec32", "FAT32 has its sectors in the 32-bit field");
}

function isPrintable(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = at; i < at + length; i++) if (bytes[i]! < 0x20 || bytes[i]! >= 0x7f) return false;
  return true;
}
