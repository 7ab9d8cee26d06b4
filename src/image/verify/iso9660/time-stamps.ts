import { isFilledWith } from "../../input/integers.js";
import { recordDate, volumeDate } from "../../iso9660/read/dates.js";
import type { FaultList } from "../fault.js";
import type { RecordUse } from "./system-use.js";

const LONG_FORM = 0x80;
const STAMPS = ["creation", "modification", "access", "attribute change", "backup", "expiration", "effective"];
const MODIFICATION = 0x02;

/** TF (RRIP 4.1.6): as many stamps as its flags say, each a date. */
export function checkTimeStamps(faults: FaultList, { record, entries, place }: RecordUse): void {
  let stated = 0;
  for (const { signature, bytes, offset } of entries) {
    if (signature !== "TF") continue;
    const flags = bytes[4] ?? 0;
    stated |= flags;
    const each = (flags & LONG_FORM) === 0 ? 7 : 17;
    const present = STAMPS.filter((_, bit) => (flags & (1 << bit)) !== 0);
    if (bytes.length !== 5 + each * present.length) {
      const rule = `with ${present.length} stamps of ${each} bytes it has ${5 + each * present.length} bytes, not ${bytes.length}`;
      faults.error(place("TF"), offset + 2, "RRIP 4.1.6", rule);
      continue;
    }
    for (const [index, name] of present.entries()) {
      const at = 5 + index * each;
      const unset = isFilledWith(bytes, at, each, 0);
      const date = each === 7 ? recordDate(bytes, at) : volumeDate(bytes, at);
      if (!unset && date === undefined)
        faults.error(place("TF"), offset + at, "RRIP 4.1.6", `the ${name} time is no date`);
    }
  }
  if ((stated & MODIFICATION) === 0) {
    faults.warning(
      place("TF"),
      record.offset + record.systemUse,
      "RRIP 4.1.6",
      "no TF entry tells the modification time",
    );
  }
}
