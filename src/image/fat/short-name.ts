import { UniqueNames } from "../unique-names.js";

/** The 8.3 name of a directory entry. */
export interface ShortName {
  /** 11 bytes as text: base and extension, padded with spaces, no dot (FAT specification, DIR_Name). */
  readonly field: string;
  /** Whether readers need a long name beside it to show the true one. */
  readonly needsLongName: boolean;
}

const BASE = 8;
const EXTENSION = 3;
/** What is no short name character, upper case apart (FAT specification, DIR_Name). */
const OTHER_CHARACTERS = /[^A-Z0-9!#$%&'()@^_`{}~-]/g;

/**
 * Short names for the names of one directory, unique. A name that is one already keeps it; others are spelled in its
 * characters and numbered `~1`, `~2`, … where something was lost or taken.
 * @param names in sorted order, so that equal trees get equal short names
 */
export function shortNames(names: readonly string[]): ShortName[] {
  const taken = new UniqueNames();
  const spelled = names.map(spell);
  const fields = spelled.map(({ base, extension }) => fieldOf(base, extension));
  const settle = (i: number): void => {
    const { base, extension, lossy } = spelled[i]!;
    const numbered = (n: number): string => fieldOf(`${base.slice(0, BASE - 1 - String(n).length)}~${n}`, extension);
    fields[i] = lossy ? taken.takeNumbered(numbered) : taken.take(fields[i]!, numbered);
  };
  // Names that are short already come first: no generated name takes one of theirs.
  for (const [i, { exact }] of spelled.entries()) if (exact) settle(i);
  for (const [i, { exact }] of spelled.entries()) if (!exact) settle(i);
  return fields.map((field, i) => ({ field, needsLongName: !spelled[i]!.exact }));
}

interface Spelling {
  readonly base: string;
  readonly extension: string;
  /** The name itself, letter for letter. */
  readonly exact: boolean;
  /** More than letter case was lost: such a name is always numbered (FAT specification, "Basis-Name Generation"). */
  readonly lossy: boolean;
}

function spell(name: string): Spelling {
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const tail = dot > 0 ? name.slice(dot + 1) : "";
  const base = characters(stem);
  const extension = characters(tail);
  const lossy = base.length > BASE || extension.length > EXTENSION || base !== upper(stem) || extension !== upper(tail);
  const short = { base: base.slice(0, BASE) || "_", extension: extension.slice(0, EXTENSION) };
  return { ...short, lossy, exact: !lossy && name === upper(name) };
}

/** Spaces and dots vanish, everything else that no short name can hold becomes `_`. */
function characters(text: string): string {
  return upper(text.replace(/[ .]/g, "")).replace(OTHER_CHARACTERS, "_");
}

/** ASCII alone: what lies beyond is spelled `_`, and its capitals may be longer. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function fieldOf(base: string, extension: string): string {
  return base.padEnd(BASE) + extension.padEnd(EXTENSION);
}
