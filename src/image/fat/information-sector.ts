import { putLittle32 } from "../number.js";
import { putSectorSignature } from "./boot-sector.js";

/** Offset of each field of FSInfo (FAT specification, "FSInfo Structure"). */
export const INFORMATION = { lead: 0, structure: 484, freeClusters: 488, nextFree: 492 } as const;

const LEAD = 0x4161_5252;
const STRUCTURE = 0x6141_7272;

/** Stores FSInfo, which FAT32 alone has. The buffer is zero there. */
export function putInformationSector(b: Uint8Array, o: number, freeClusters: number, nextFree: number): void {
  putLittle32(b, o + INFORMATION.lead, LEAD);
  putLittle32(b, o + INFORMATION.structure, STRUCTURE);
  putLittle32(b, o + INFORMATION.freeClusters, freeClusters);
  putLittle32(b, o + INFORMATION.nextFree, nextFree);
  putSectorSignature(b, o);
}
