/** What a field holds: it decides which faults it can have. */
export type Meaning =
  | "byte"
  | "flags"
  | "number16"
  | "number32"
  | "number32-big"
  | "both16"
  | "both32"
  | "signature"
  | "text"
  | "text-ucs2"
  | "text-utf16le"
  | "identifier"
  | "zero"
  | "record-date"
  | "volume-date"
  | "fat-date"
  | "fat-time";

/** One field of a structure: its name, its offset in the structure and its length in bytes, and what it holds. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly meaning: Meaning;
}

/** A structure where it stands in an image. `name` is that of its kind: all of a kind have the same faults. */
export interface Placed {
  readonly name: string;
  readonly at: number;
  readonly fields: readonly Field[];
}

/** A field in one line of a table. */
export function field(name: string, offset: number, length: number, meaning: Meaning): Field {
  return { name, offset, length, meaning };
}
