import { latin1 } from "../../input/integers.js";
import { isSelf } from "../../iso9660/read/directory-record.js";
import type { FaultList } from "../fault.js";
import type { RecordUse } from "./system-use.js";

/** Identifiers by which an ER entry announces Rock Ridge: RRIP 1.09, RRIP 1.10 and 1.12 as IEEE P1282, and that without the P. */
const ROCK_RIDGE_IDS = ["RRIP_1991A", "IEEE_P1282", "IEEE_1282"];

/** SP and ER stand in the root directory's own record and nowhere else (SUSP 5.3, 5.5). */
export function checkSharingProtocol(faults: FaultList, use: RecordUse): void {
  const { directory, record, entries, place } = use;
  if (directory.parent === undefined && isSelf(record)) {
    checkIndicator(faults, use);
    checkExtensions(faults, use);
    return;
  }
  for (const { signature, offset } of entries) {
    if (signature !== "SP" && signature !== "ER") continue;
    const clause = signature === "SP" ? "SUSP 5.3" : "SUSP 5.5";
    faults.error(place(signature), offset, clause, "it stands in the root directory's own record only");
  }
}

function checkIndicator(faults: FaultList, { record, entries, place }: RecordUse): void {
  const [first] = entries;
  if (first?.signature !== "SP") {
    faults.error(
      place("SP"),
      record.offset + record.systemUse,
      "SUSP 5.3",
      "the first entry of the root directory's own record is SP",
    );
    return;
  }
  const { bytes, offset } = first;
  if (bytes.length !== 7)
    faults.error(place("SP"), offset + 2, "SUSP 5.3", `an SP entry has 7 bytes, not ${bytes.length}`);
  if (bytes[4] !== 0xbe || bytes[5] !== 0xef)
    faults.error(place("SP"), offset + 4, "SUSP 5.3", "its check bytes are BE EF");
  if (bytes[6] !== 0) {
    faults.warning(
      place("SP"),
      offset + 6,
      "SUSP 5.3",
      `${bytes[6]} bytes are to be skipped in every other record: only CD-ROM XA needs that`,
    );
  }
}

function checkExtensions(faults: FaultList, { record, entries, place }: RecordUse): void {
  const references = entries.filter(({ signature }) => signature === "ER");
  if (references.length === 0) {
    faults.error(
      place("ER"),
      record.offset + record.systemUse,
      "SUSP 5.5; RRIP 4.3",
      "no ER entry says that the extension is Rock Ridge",
    );
  }
  let rockRidge = false;
  for (const { bytes, offset } of references) {
    const stated = 8 + bytes[4]! + bytes[5]! + bytes[6]!;
    if (stated !== bytes.length) {
      faults.error(
        place("ER"),
        offset + 4,
        "SUSP 5.5",
        `its three texts take ${stated - 8} bytes, the entry has ${bytes.length - 8} for them`,
      );
      continue;
    }
    if (bytes[7] !== 1)
      faults.error(place("ER"), offset + 7, "SUSP 5.5; RRIP 4.3", `the version of the extension is 1, not ${bytes[7]}`);
    rockRidge ||= ROCK_RIDGE_IDS.includes(latin1(bytes, 8, bytes[4]!));
    for (let at = 8; at < bytes.length; at++) {
      if (bytes[at]! >= 0x20 && bytes[at]! < 0x7f) continue;
      faults.error(place("ER"), offset + at, "SUSP 5.5", "its texts are printable");
      break;
    }
  }
  if (references.length > 0 && !rockRidge) {
    faults.error(
      place("ER"),
      references[0]!.offset + 8,
      "RRIP 4.3",
      `the identifier is ${ROCK_RIDGE_IDS.join(", ")} for Rock Ridge`,
    );
  }
}
