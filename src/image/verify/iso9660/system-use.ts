import type { DirectoryRecord } from "../../iso9660/read/directory-record.js";
import { readSystemUse, type SystemUseEntry } from "../../iso9660/read/system-use.js";
import type { ExtentMap } from "./extent-map.js";
import { bothEndian32 } from "./numbers.js";
import { type CheckedDirectory, type CheckedTree, type IsoCheck, recordPath } from "./tree.js";

/** One record of the primary tree with its System Use entries. */
export interface RecordUse {
  readonly directory: CheckedDirectory;
  readonly record: DirectoryRecord;
  readonly entries: readonly SystemUseEntry[];
  /** How a fault names one of its entries. */
  readonly place: (signature: string) => string;
}

/** Entries that SUSP 1.12, RRIP 1.09 and 1.12, and the extensions of Apple, Amiga and zisofs register. */
const KNOWN: readonly string[] = [
  "CE",
  "PD",
  "SP",
  "ST",
  "ER",
  "ES",
  "PX",
  "PN",
  "SL",
  "NM",
  "CL",
  "PL",
  "RE",
  "TF",
  "SF",
  "RR",
  "AA",
  "AS",
  "BA",
  "ZF",
  "AL",
];

/** Reads a record's System Use entries, and reports what is wrong with them whatever they mean (SUSP 4.1, 5.1). */
export function checkSystemUse(
  check: IsoCheck,
  tree: CheckedTree,
  directory: CheckedDirectory,
  record: DirectoryRecord,
  skip: number,
  extents: ExtentMap,
): RecordUse {
  const { input, faults, budget, volumeBlocks } = check;
  const { blockSize } = tree.root;
  const place = (signature: string) => `${signature} of ${recordPath(tree.name, directory, record)}`;
  const entries = readSystemUse(
    input,
    record,
    skip,
    blockSize,
    budget,
    (offset, rule) => faults.error(place("System Use field"), offset, "SUSP 4.1, 5.1", rule),
    ({ offset, length }) => {
      extents.add(offset, length, "continuation area", () => place("CE"));
      if (offset + length > volumeBlocks * blockSize) {
        faults.error(place("CE"), offset, "SUSP 5.1", "the continuation area lies outside the volume");
      }
    },
  );
  let continuations = 0;
  for (const { signature, offset, bytes } of entries) {
    if (bytes[3] !== 1)
      faults.error(place(signature), offset + 3, "SUSP 4.1", `the version of an entry is 1, not ${bytes[3]}`);
    if (signature === "CE") checkContinuation(check, offset, bytes, blockSize, () => place(signature), ++continuations);
    if (!KNOWN.includes(signature)) {
      faults.warning(
        place(JSON.stringify(signature)),
        offset,
        "SUSP 4.1",
        "nobody has registered an entry of this signature",
      );
    }
  }
  return { directory, record, entries, place };
}

function checkContinuation(
  { faults }: IsoCheck,
  offset: number,
  bytes: Uint8Array,
  blockSize: number,
  place: () => string,
  count: number,
): void {
  if (bytes.length !== 28) {
    faults.error(place(), offset + 2, "SUSP 5.1", `a CE entry has 28 bytes, this one has ${bytes.length}`);
    return;
  }
  bothEndian32(faults, { bytes, at: 4, offset }, place, "SUSP 5.1", "block of the continuation area");
  const start = bothEndian32(faults, { bytes, at: 12, offset }, place, "SUSP 5.1", "offset of the continuation area");
  const length = bothEndian32(faults, { bytes, at: 20, offset }, place, "SUSP 5.1", "length of the continuation area");
  if (start + length > blockSize)
    faults.error(place(), offset + 12, "SUSP 5.1", "a continuation area does not cross a block");
  if (count > 32) faults.error(place(), offset, "SUSP 5.1", "the continuation areas have no end");
}
