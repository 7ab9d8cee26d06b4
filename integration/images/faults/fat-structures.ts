import { readTable } from "#image/fat/read/allocation.js";
import { readGeometry } from "#image/fat/read/boot-sector.js";
import { type FatVolume, readEntries } from "#image/fat/read/directory.js";
import { isDot, isLongNamePart, isVolumeLabel } from "#image/fat/read/directory-entry.js";
import { ReadBudget } from "#image/input/budget.js";
import { bytesInput } from "#image/input/input.js";
import { type Field, field, type Placed } from "./structure.js";

/** Bytes 0 to 35 of the boot sector, and its end (FAT specification, "Boot Sector and BPB"). */
const COMMON: readonly Field[] = [
  field("BS_jmpBoot", 0, 1, "byte"),
  field("BS_jmpBoot, where to", 1, 1, "byte"),
  field("BS_jmpBoot, third byte", 2, 1, "byte"),
  field("BS_OEMName", 3, 8, "text"),
  field("BPB_BytsPerSec", 11, 2, "number16"),
  field("BPB_SecPerClus", 13, 1, "byte"),
  field("BPB_RsvdSecCnt", 14, 2, "number16"),
  field("BPB_NumFATs", 16, 1, "byte"),
  field("BPB_RootEntCnt", 17, 2, "number16"),
  field("BPB_TotSec16", 19, 2, "number16"),
  field("BPB_Media", 21, 1, "byte"),
  field("BPB_FATSz16", 22, 2, "number16"),
  field("BPB_SecPerTrk", 24, 2, "number16"),
  field("BPB_NumHeads", 26, 2, "number16"),
  field("BPB_HiddSec", 28, 4, "number32"),
  field("BPB_TotSec32", 32, 4, "number32"),
  field("Signature_word", 510, 2, "signature"),
];

/** The extended boot record, at byte 36 or, for FAT32, 64. */
function extended(at: number): readonly Field[] {
  return [
    field("BS_DrvNum", at, 1, "byte"),
    field("BS_Reserved1", at + 1, 1, "byte"),
    field("BS_BootSig", at + 2, 1, "byte"),
    field("BS_VolID", at + 3, 4, "number32"),
    field("BS_VolLab", at + 7, 11, "text"),
    field("BS_FilSysType", at + 18, 8, "text"),
  ];
}

const FAT32_ONLY: readonly Field[] = [
  field("BPB_FATSz32", 36, 4, "number32"),
  field("BPB_ExtFlags", 40, 1, "flags"),
  field("BPB_ExtFlags, high byte", 41, 1, "flags"),
  field("BPB_FSVer", 42, 2, "number16"),
  field("BPB_RootClus", 44, 4, "number32"),
  field("BPB_FSInfo", 48, 2, "number16"),
  field("BPB_BkBootSec", 50, 2, "number16"),
  field("BPB_Reserved", 52, 12, "zero"),
];

const FSINFO: readonly Field[] = [
  field("FSI_LeadSig", 0, 4, "signature"),
  field("FSI_Reserved1", 4, 480, "zero"),
  field("FSI_StrucSig", 484, 4, "signature"),
  field("FSI_Free_Count", 488, 4, "number32"),
  field("FSI_Nxt_Free", 492, 4, "number32"),
  field("FSI_Reserved2", 496, 12, "zero"),
  field("FSI_TrailSig", 508, 4, "signature"),
];

/** A directory entry ("FAT Directory Structure"). */
const ENTRY: readonly Field[] = [
  field("DIR_Name", 0, 11, "text"),
  field("DIR_Attr", 11, 1, "flags"),
  field("DIR_NTRes", 12, 1, "flags"),
  field("DIR_CrtTimeTenth", 13, 1, "byte"),
  field("DIR_CrtTime", 14, 2, "fat-time"),
  field("DIR_CrtDate", 16, 2, "fat-date"),
  field("DIR_LstAccDate", 18, 2, "fat-date"),
  field("DIR_FstClusHI", 20, 2, "number16"),
  field("DIR_WrtTime", 22, 2, "fat-time"),
  field("DIR_WrtDate", 24, 2, "fat-date"),
  field("DIR_FstClusLO", 26, 2, "number16"),
  field("DIR_FileSize", 28, 4, "number32"),
];

/** A part of a long name ("Long Directory Entries"). */
const LONG: readonly Field[] = [
  field("LDIR_Ord", 0, 1, "byte"),
  field("LDIR_Name1", 1, 10, "text-utf16le"),
  field("LDIR_Attr", 11, 1, "flags"),
  field("LDIR_Type", 12, 1, "byte"),
  field("LDIR_Chksum", 13, 1, "byte"),
  field("LDIR_FstClusLO", 26, 2, "number16"),
];

/** Every structure of a FAT volume that begins at byte 0. */
export function fatStructures(image: Buffer): Placed[] {
  const input = bytesInput(image);
  const geometry = readGeometry(input);
  const budget = new ReadBudget({ steps: 1e7, structureBytes: 1e7 });
  const volume: FatVolume = { input, geometry, table: readTable(input, geometry, 0, budget), budget };
  const name = geometry.fat32Layout ? "FAT32 boot sector" : "boot sector";
  const boot = [...COMMON, ...(geometry.fat32Layout ? FAT32_ONLY : []), ...extended(geometry.extendedRecord)];
  const placed: Placed[] = [{ name, at: 0, fields: boot }];
  if (geometry.fat32Layout) {
    placed.push({ name: "FSInfo sector", at: image.readUInt16LE(48) * geometry.sectorSize, fields: FSINFO });
    const backup = image.readUInt16LE(50) * geometry.sectorSize;
    placed.push({ name: "copy of the boot sector", at: backup, fields: [field("all of it", 0, 512, "zero")] });
  }
  placed.push(...tableStructures(volume), ...directoryStructures(volume, 0));
  return placed;
}

/** Entries 0 and 1, those of clusters in use, the first free one, and the second copy of the table. */
function tableStructures({ geometry, table }: FatVolume): Placed[] {
  const { type, fatStart } = geometry;
  const place = (cluster: number) => fatStart + Math.floor((cluster * type) / 8);
  const entry = (name: string, cluster: number): Placed => ({
    name,
    at: place(cluster),
    fields: [field("entry", 0, 1, "byte")],
  });
  const placed = [entry("FAT entry 0", 0), { ...entry("FAT entry 1", 1), at: place(1) + (type === 12 ? 1 : 0) }];
  let cluster = 2;
  for (; table.entry(cluster) !== 0; cluster++)
    placed.push(entry(`FAT entry of a cluster in use (FAT${type})`, cluster));
  placed.push(entry(`FAT entry of a free cluster (FAT${type})`, cluster));
  const second = fatStart + table.bytes.length;
  placed.push({ name: "second FAT", at: second, fields: [field("first entries", 0, 16, "signature")] });
  return placed;
}

function directoryStructures(volume: FatVolume, cluster: number): Placed[] {
  const placed: Placed[] = [];
  for (const { offset, bytes, attributes, cluster: first, size } of [...readEntries(volume, cluster)]) {
    const kind = isLongNamePart(attributes)
      ? "long name part"
      : isVolumeLabel(attributes)
        ? "volume label entry"
        : isDot(bytes)
          ? "entry . or .."
          : (attributes & 16) !== 0
            ? "directory's entry"
            : size === 0
              ? "empty file's entry"
              : "file's entry";
    placed.push({
      name: kind,
      at: offset,
      fields: kind === "long name part" ? LONG : ENTRY,
    });
    if (kind === "directory's entry") placed.push(...directoryStructures(volume, first));
  }
  return placed;
}

/** The master boot record around a volume. */
export function partitionStructures(): Placed[] {
  return [
    {
      name: "master boot record",
      at: 0,
      fields: [
        field("status", 446, 1, "byte"),
        field("type", 450, 1, "byte"),
        field("first sector", 454, 4, "number32"),
        field("sectors", 458, 4, "number32"),
        field("second partition", 462, 16, "zero"),
        field("third partition", 478, 16, "zero"),
        field("fourth partition", 494, 16, "zero"),
        field("signature", 510, 2, "signature"),
      ],
    },
  ];
}
