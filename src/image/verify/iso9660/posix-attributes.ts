import { isDirectory } from "../../iso9660/read/directory-record.js";
import type { FaultList } from "../fault.js";
import { bothEndian32 } from "./numbers.js";
import type { RecordUse } from "./system-use.js";

const FILE_TYPE = 0o170000;
const DIRECTORY = 0o040000;
const SYMBOLIC_LINK = 0o120000;
const TYPES = [0o140000, SYMBOLIC_LINK, 0o100000, 0o060000, 0o020000, DIRECTORY, 0o010000];

/**
 * PX, which every record has (RRIP 4.1.1), and what it says against the record and its other entries. `records` is how many the
 * tree has: nothing has more links than that, its own two as a directory included.
 */
export function checkPosixAttributes(faults: FaultList, { record, entries, place }: RecordUse, records: number): void {
  const found = entries.filter(({ signature }) => signature === "PX");
  const [px] = found;
  if (px === undefined) {
    faults.error(place("PX"), record.offset + record.systemUse, "RRIP 4.1.1", "every record has a PX entry");
    return;
  }
  if (found.length > 1) faults.error(place("PX"), found[1]!.offset, "RRIP 4.1.1", "a record has one PX entry");
  const { bytes, offset } = px;
  if (bytes.length !== 36 && bytes.length !== 44) {
    faults.error(place("PX"), offset + 2, "RRIP 4.1.1", `a PX entry has 36 or 44 bytes, not ${bytes.length}`);
    return;
  }
  const fault = (at: number, rule: string) => faults.error(place("PX"), offset + at, "RRIP 4.1.1", rule);
  const both = (at: number, field: string) =>
    bothEndian32(faults, { bytes, at, offset }, () => place("PX"), "RRIP 4.1.1", field);
  const mode = both(4, "file mode");
  const links = both(12, "links");
  both(20, "user id");
  both(28, "group id");
  if (bytes.length === 44) both(36, "file serial number");
  const type = mode & FILE_TYPE;
  const relocated = entries.some(({ signature }) => signature === "CL");
  if (mode > 0o177777 || !TYPES.includes(type)) fault(4, `the mode 0${mode.toString(8)} is that of no kind of file`);
  else if ((type === DIRECTORY) !== (isDirectory(record) || relocated))
    fault(4, "its kind of file is not that of the record");
  if (links < 1) fault(12, "what a record describes has at least this one link");
  if (links > records + 2) fault(12, `${links} links, and the tree has ${records} records`);
  const linked = entries.some(({ signature }) => signature === "SL");
  if (linked !== (type === SYMBOLIC_LINK)) fault(4, "a symbolic link has an SL entry, and nothing else has");
}
