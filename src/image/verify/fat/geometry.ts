import { FAT16_FROM, FAT32_FROM, type FatGeometry } from "../../fat/read/boot-sector.js";
import { uint16le, uint32le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";
import { SPECIFICATION } from "./check.js";

const PLACE = "boot sector";
/** A FAT may be this much longer than its clusters need: writers round up, and leave room to grow to a whole cluster. */
const SPARE_SECTORS = 32;

/** What the boot sector's numbers say of each other and of the image. `hidden` is the sectors before the volume. */
export function checkGeometry(geometry: FatGeometry, imageSize: number, hidden: number, faults: FaultList): void {
  const { bytes, sectorSize, totalSectors, fat32Layout, rootEntries } = geometry;
  const error = (at: number, field: string, rule: string) => faults.error(PLACE, at, `${SPECIFICATION} ${field}`, rule);
  const warning = (at: number, field: string, rule: string) =>
    faults.warning(PLACE, at, `${SPECIFICATION} ${field}`, rule);
  const size = totalSectors * sectorSize;
  if (uint16le(bytes, 19) !== 0 && uint32le(bytes, 32) !== 0 && uint16le(bytes, 19) !== uint32le(bytes, 32)) {
    error(19, "BPB_TotSec16", "one of the two fields for all sectors is zero");
  }
  if (size > imageSize) error(19, "BPB_TotSec32", `the volume has ${size} bytes, the image ${imageSize}`);
  else if (size < imageSize)
    warning(19, "BPB_TotSec32", `the image goes on for ${imageSize - size} bytes behind the volume`);
  if (fat32Layout ? rootEntries !== 0 : rootEntries === 0)
    error(17, "BPB_RootEntCnt", "FAT32 alone has no fixed root directory");
  if ((rootEntries * 32) % sectorSize !== 0) error(17, "BPB_RootEntCnt", "the fixed root directory is whole sectors");
  if (uint32le(bytes, 28) !== hidden)
    warning(28, "BPB_HiddSec", `${hidden} sectors stand before the volume, not ${uint32le(bytes, 28)}`);
  if (geometry.clusterSize > 32768) warning(13, "BPB_SecPerClus", "clusters over 32 KiB are not read everywhere");
  checkClusters(geometry, error, warning);
}

type Report = (at: number, field: string, rule: string) => void;

function checkClusters(geometry: FatGeometry, error: Report, warning: Report): void {
  const { clusters, fat32Layout, type, fatSectors, sectorSize } = geometry;
  const section = '"FAT Type Determination"';
  if (fat32Layout && clusters < FAT32_FROM) error(13, section, `${clusters} clusters are not enough for FAT32`);
  if (!fat32Layout && clusters >= FAT32_FROM) error(13, section, `${clusters} clusters are too many for FAT16`);
  const border = [FAT16_FROM, FAT32_FROM].find((at) => Math.abs(clusters - at) < 16);
  if (border !== undefined)
    warning(13, section, `${clusters} clusters are so close to ${border} that readers disagree about the type`);
  const needed = Math.ceil(((clusters + 2) * type) / 8 / sectorSize);
  const field = fat32Layout ? "BPB_FATSz32" : "BPB_FATSz16";
  const at = fat32Layout ? 36 : 22;
  if (fatSectors > needed + SPARE_SECTORS)
    warning(at, field, `a FAT of ${fatSectors} sectors, where ${needed} are enough`);
}
