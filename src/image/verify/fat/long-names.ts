import { foldCase } from "../../case-folding.js";
import { LAST_PART, longName, MOST_PARTS, UNIT_OFFSETS } from "../../fat/read/long-name.js";
import { shortName, shortNameChecksum } from "../../fat/read/short-name.js";
import { uint16le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";
import { type CheckedFatDirectory, type Slot, SPECIFICATION } from "./check.js";
import { directoryPlace, entryPlace } from "./tree.js";

const CLAUSE = `${SPECIFICATION} "Long Directory Entries"`;
const FORBIDDEN = '"*/:<>?\\|';

/** The long names of one directory: sequence, checksum, characters, and that none comes twice whatever its case. */
export class LongNames {
  #parts: Slot[] = [];
  readonly #seen = new Map<string, string>();

  constructor(
    private readonly faults: FaultList,
    private readonly directory: CheckedFatDirectory,
  ) {}

  /** A slot that is a part of a long name. */
  part(slot: Slot): void {
    const { bytes, offset } = slot;
    const place = `long name in ${directoryPlace(this.directory)}`;
    const error = (at: number, rule: string) => this.faults.error(place, offset + at, CLAUSE, rule);
    if (uint16le(bytes, 26) !== 0) error(26, "its first cluster is 0");
    if (bytes[12] !== 0) error(12, "its type is 0");
    if ((bytes[11]! & 0xc0) !== 0) error(11, "its attributes are 0F");
    if ((bytes[0]! & 0x80) !== 0) error(0, "bit 7 of its sequence number is 0");
    const order = bytes[0]! & 0x3f;
    const last = (bytes[0]! & LAST_PART) !== 0;
    if (last) this.orphan("another long name begins before this one is whole");
    const before = this.#parts.at(-1)?.bytes;
    if (order < 1 || order > MOST_PARTS) error(0, `parts have the numbers 1 to ${MOST_PARTS}, not ${order}`);
    else if (!last && (before === undefined || (before[0]! & 0x3f) !== order + 1))
      error(0, `part ${order} does not follow part ${order + 1}`);
    if (!last && before !== undefined && before[13] !== bytes[13]) error(13, "the parts of a name have one checksum");
    this.#parts.push(slot);
  }

  /** Something stands here to which the parts before cannot belong. */
  orphan(rule: string): void {
    const [first] = this.#parts;
    if (first !== undefined)
      this.faults.error(`long name in ${directoryPlace(this.directory)}`, first.offset, CLAUSE, rule);
    this.#parts = [];
  }

  /** The short entry to which the parts before belong; gives the name by which it is shown. */
  entry({ bytes, offset }: Slot): string {
    const parts = this.#parts;
    this.#parts = [];
    const short = shortName(bytes);
    const name = parts.length === 0 ? short : longName(parts.map((part) => part.bytes));
    const place = () => entryPlace(this.directory, name);
    if (parts.length > 0) this.#checkWhole(parts, bytes, name, place);
    const folded = foldCase(name);
    const other = this.#seen.get(folded);
    if (other !== undefined)
      this.faults.error(place(), offset, CLAUSE, `${JSON.stringify(other)} is the same name but for its case`);
    this.#seen.set(folded, name);
    return name;
  }

  #checkWhole(parts: readonly Slot[], short: Uint8Array, name: string, place: () => string): void {
    const { offset } = parts[0]!;
    const error = (rule: string, at = offset) => this.faults.error(place(), at, CLAUSE, rule);
    if ((parts.at(-1)!.bytes[0]! & 0x3f) !== 1) error("part 1 of the long name is missing");
    const sum = shortNameChecksum(short);
    if (parts[0]!.bytes[13] !== sum)
      error(`the checksum is that of another short name; it is 0x${sum.toString(16)}`, offset + 13);
    if (name.length > 255) error(`a long name has at most 255 characters, this one has ${name.length}`);
    if (name === "" || name.endsWith(".") || name.endsWith(" "))
      error("a long name ends neither with a dot nor with a space");
    for (const character of name) {
      if (character >= " " && character !== "\ufffd" && !FORBIDDEN.includes(character)) continue;
      error(`the long name has the character U+${character.codePointAt(0)!.toString(16).padStart(4, "0")}`);
      break;
    }
    checkFill(parts[0]!, error);
  }
}

/** Behind the name the part that holds its end has one 0000 and then FFFF. */
function checkFill({ bytes, offset }: Slot, error: (rule: string, at: number) => void): void {
  let ended = false;
  for (const at of UNIT_OFFSETS) {
    const unit = uint16le(bytes, at);
    if (ended && unit !== 0xffff) {
      error("behind the end of the name the units are FFFF", offset + at);
      return;
    }
    if (unit === 0) ended = true;
  }
}
