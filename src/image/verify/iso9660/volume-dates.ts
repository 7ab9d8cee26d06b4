import { isFilledWith } from "../../input/integers.js";
import { volumeDate } from "../../iso9660/read/dates.js";
import type { VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";
import { descriptorPlace } from "./descriptor-set.js";

const DATES = [
  { at: 813, clause: "ECMA-119 8.4.26", name: "creation" },
  { at: 830, clause: "ECMA-119 8.4.27", name: "modification" },
  { at: 847, clause: "ECMA-119 8.4.28", name: "expiration" },
  { at: 864, clause: "ECMA-119 8.4.29", name: "effective" },
] as const;

/** The four dates of a volume descriptor: a date in digits with its zone, or digits 0 and zone 0 where there is none. */
export function checkVolumeDates(descriptor: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset } = descriptor;
  for (const { at, clause, name } of DATES) {
    const unset = isFilledWith(bytes, at, 16, 0x30);
    if (unset && bytes[at + 16] === 0) continue;
    if (!unset && volumeDate(bytes, at) !== undefined) continue;
    faults.error(descriptorPlace(descriptor), offset + at, `${clause}, 8.4.26.1`, `the volume ${name} date is no date`);
  }
}
