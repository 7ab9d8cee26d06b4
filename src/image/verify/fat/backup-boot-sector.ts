import { uint16le } from "../../input/integers.js";
import type { FatCheck } from "./check.js";
import { SPECIFICATION } from "./check.js";

/** The second copy of FAT32's boot sector is the first, byte for byte. */
export function checkBackupBootSector({ input, geometry, faults }: FatCheck): void {
  const clause = `${SPECIFICATION} BPB_BkBootSec`;
  const sector = uint16le(geometry.bytes, 50);
  if (sector === 0) {
    faults.warning("boot sector", 50, clause, "there is no copy of the boot sector");
    return;
  }
  if (sector >= geometry.reservedSectors) {
    faults.error("boot sector", 50, clause, "it stands in the reserved region");
    return;
  }
  const start = sector * geometry.sectorSize;
  const bytes = input.read(start, 512);
  const at = bytes.findIndex((byte, index) => byte !== geometry.bytes[index]);
  if (at >= 0) faults.error("copy of the boot sector", start + at, clause, "it differs from the boot sector");
}
