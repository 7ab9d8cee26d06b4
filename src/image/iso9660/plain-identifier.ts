import type { HierarchyNode } from "../hierarchy.js";
import { remembered } from "../remembered.js";
import { UniqueNames } from "../unique-names.js";

/** File name and extension together, at interchange level 2 (ECMA-119 7.5.1, 10.2). */
const MAX_FILE = 30;
/** A directory identifier (ECMA-119 7.6.3). */
const MAX_DIRECTORY = 31;
/** An extension longer than this is cut before the name is. */
const MAX_EXTENSION = 8;

/** Version number of every file: `;1` follows the identifier (ECMA-119 7.5.1). */
export const VERSION_SUFFIX = ";1";

/**
 * Identifiers of d-characters (A-Z 0-9 _) for the children of one directory, without version, unique; files have a dot
 * always (ECMA-119 7.5.1), directories never. They are what is left to a reader that knows neither Rock Ridge nor Joliet.
 * @param children sorted by name, so that equal trees get equal identifiers
 */
export function plainIdentifiers(children: readonly HierarchyNode[]): string[] {
  const names = new UniqueNames();
  return children.map((child) =>
    child.kind === "directory" ? takeDirectory(names, child.name) : takeFile(names, child.name),
  );
}

function takeDirectory(names: UniqueNames, name: string): string {
  const stem = dCharacters(name).slice(0, MAX_DIRECTORY);
  // With a dot, because readers cut the dot off a file without extension and would see two equal names.
  return names.take(`${stem}.`, (n) => `${numberedStem(stem, MAX_DIRECTORY, n)}.`).slice(0, -1);
}

function takeFile(names: UniqueNames, name: string): string {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0;
  const spelled = dCharacters(name);
  const extension = hasExtension ? spelled.slice(dot + 1, dot + 1 + MAX_EXTENSION) : "";
  const room = MAX_FILE - extension.length;
  const stem = spelled.slice(0, Math.min(hasExtension ? dot : name.length, room));
  return names.take(`${stem}.${extension}`, (n) => `${numberedStem(stem, room, n)}.${extension}`);
}

function numberedStem(stem: string, room: number, n: number): string {
  const suffix = `_${n}`;
  return stem.slice(0, room - suffix.length) + suffix;
}

const OTHER_CHARACTERS = /[^A-Za-z0-9_]/g;

/** Every unit that is no d-character (ECMA-119 7.4.1) becomes `_`, letter case apart; the length stays. */
const dCharacters = remembered((text) => text.replace(OTHER_CHARACTERS, "_").toUpperCase());
