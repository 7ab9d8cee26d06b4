import { firstNonZero, uint16le, uint32le } from "../../input/integers.js";
import type { FatCheck } from "./check.js";
import { SPECIFICATION } from "./check.js";

const UNKNOWN = 0xffffffff;

/** The FSInfo sector of FAT32: its three signatures, and the number and place of free clusters. */
export function checkFsInfo({ input, geometry, table, faults }: FatCheck): void {
  const clause = `${SPECIFICATION} "FAT32 FSInfo Sector"`;
  const sector = uint16le(geometry.bytes, 48);
  if (sector === 0 || sector >= geometry.reservedSectors) {
    if (sector !== 0xffff && sector !== 0)
      faults.error("boot sector", 48, `${SPECIFICATION} BPB_FSInfo`, "it stands in the reserved region");
    else faults.warning("boot sector", 48, `${SPECIFICATION} BPB_FSInfo`, "there is no FSInfo sector");
    return;
  }
  const start = sector * geometry.sectorSize;
  const bytes = input.read(start, 512);
  const error = (at: number, rule: string) => faults.error("FSInfo sector", start + at, clause, rule);
  if (uint32le(bytes, 0) !== 0x41615252) error(0, "FSI_LeadSig is RRaA");
  if (uint32le(bytes, 484) !== 0x61417272) error(484, "FSI_StrucSig is rrAa");
  if (uint32le(bytes, 508) !== 0xaa550000) error(508, "FSI_TrailSig is 00 00 55 AA");
  if (firstNonZero(bytes, 4, 484) >= 0) error(4, "FSI_Reserved1 is zero");
  if (firstNonZero(bytes, 496, 508) >= 0) error(496, "FSI_Reserved2 is zero");
  let free = 0;
  for (let cluster = 2; cluster < geometry.clusters + 2; cluster++) if (table.entry(cluster) === 0) free++;
  const stated = uint32le(bytes, 488);
  if (stated !== UNKNOWN && stated !== free) error(488, `FSI_Free_Count is ${stated}, ${free} clusters are free`);
  const next = uint32le(bytes, 492);
  if (next !== UNKNOWN && (next < 2 || next >= geometry.clusters + 2))
    error(492, `FSI_Nxt_Free is ${next}, which is no cluster`);
}
