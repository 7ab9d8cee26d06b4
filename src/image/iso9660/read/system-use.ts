import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import { uint32le } from "../../input/integers.js";
import type { OnDamage } from "./directory.js";
import type { DirectoryRecord } from "./directory-record.js";

/** Continuation areas that one record may lead through; a chain longer than this is a loop. */
const MOST_CONTINUATIONS = 32;

/** One System Use entry (SUSP 4.1): a signature of two letters, its length, version and data. */
export interface SystemUseEntry {
  readonly signature: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A continuation area (SUSP 5.1) that was followed. */
export interface ContinuationArea {
  readonly offset: number;
  readonly length: number;
}

/**
 * All System Use entries of a record, continuation areas (CE) followed, up to ST. `skip` is SP's LEN_SKP (SUSP 5.3): bytes that
 * every record but the root's own has before its first entry.
 */
export function readSystemUse(
  input: ImageInput,
  record: DirectoryRecord,
  skip: number,
  blockSize: number,
  budget: ReadBudget,
  onDamage?: OnDamage,
  onContinuation?: (area: ContinuationArea) => void,
): SystemUseEntry[] {
  const entries: SystemUseEntry[] = [];
  let area = record.bytes;
  let base = record.offset;
  let at = record.systemUse + skip;
  for (let hops = 0; ; hops++) {
    const next = readArea(area, at, base, entries, budget, onDamage);
    if (next === undefined) return entries;
    const offset = uint32le(next.bytes, 4) * blockSize + uint32le(next.bytes, 12);
    const length = uint32le(next.bytes, 20);
    if (hops >= MOST_CONTINUATIONS) {
      onDamage?.(
        next.offset,
        `a record's System Use entries lead through at most ${MOST_CONTINUATIONS} continuation areas`,
      );
      return entries;
    }
    if (length > blockSize || offset + length > input.size) {
      onDamage?.(next.offset, "a continuation area lies inside one block of the volume");
      return entries;
    }
    onContinuation?.({ offset, length });
    area = input.read(offset, length);
    base = offset;
    at = 0;
  }
}

/** Reads one area's entries; gives the CE that leads on, if any. */
function readArea(
  area: Uint8Array,
  from: number,
  base: number,
  entries: SystemUseEntry[],
  budget: ReadBudget,
  onDamage?: OnDamage,
): SystemUseEntry | undefined {
  let continuation: SystemUseEntry | undefined;
  let at = from;
  for (; at + 4 <= area.length && area[at] !== 0; ) {
    budget.spend();
    const length = area[at + 2]!;
    if (length < 4 || at + length > area.length) {
      onDamage?.(base + at, "a System Use entry has at least 4 bytes and ends inside its area");
      return continuation;
    }
    const signature = String.fromCharCode(area[at]!, area[at + 1]!);
    const entry = { signature, offset: base + at, bytes: area.subarray(at, at + length) };
    if (signature === "ST") return undefined;
    entries.push(entry);
    if (signature === "CE" && length >= 28) continuation = entry;
    at += length;
  }
  if (at + 4 <= area.length) onDamage?.(base + at, "behind the last System Use entry there are less than 4 bytes");
  return continuation;
}
