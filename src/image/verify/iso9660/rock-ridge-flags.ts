import type { FaultList } from "../fault.js";
import type { RecordUse } from "./system-use.js";

/** Bits of an RR entry's flags: which entries the record has. */
const BITS = ["PX", "PN", "SL", "NM", "CL", "PL", "RE", "TF"];

/** RR, which RRIP 1.09 has and 1.12 has not: its flags tell the entries that the record has. */
export function checkRockRidgeFlags(faults: FaultList, { entries, place }: RecordUse): void {
  for (const { signature, bytes, offset } of entries) {
    if (signature !== "RR") continue;
    if (bytes.length !== 5) {
      faults.error(place("RR"), offset + 2, "RRIP 1.09, RR", `an RR entry has 5 bytes, not ${bytes.length}`);
      continue;
    }
    const wrong = BITS.filter(
      (name, bit) => ((bytes[4]! >> bit) & 1) !== (entries.some((other) => other.signature === name) ? 1 : 0),
    );
    if (wrong.length > 0) {
      faults.error(place("RR"), offset + 4, "RRIP 1.09, RR", `its flags are wrong about ${wrong.join(", ")}`);
    }
  }
}
