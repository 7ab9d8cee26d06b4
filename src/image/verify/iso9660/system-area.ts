import type { ImageInput } from "../../input/input.js";
import { firstNonZero } from "../../input/integers.js";
import { FIRST_DESCRIPTOR } from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";

/** The system area (ECMA-119 6.2.1) may hold anything; on a drive a boot record or partition table there misleads those who look first. */
export function checkSystemArea(input: ImageInput, faults: FaultList): void {
  const bytes = input.read(0, Math.min(FIRST_DESCRIPTOR, input.size));
  const at = firstNonZero(bytes, 0, bytes.length);
  if (at >= 0)
    faults.warning("system area", at, "ECMA-119 6.2.1", "it is not zero: probers may see a boot record or partitions");
}
