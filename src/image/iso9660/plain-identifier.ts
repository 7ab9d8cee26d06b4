import type { HierarchyNode } from "../hierarchy.js";
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
  return children.map((child) => {
    if (child.kind === "directory") {
      const stem = dCharacters(child.name).slice(0, MAX_DIRECTORY);
      // With its dot, because readers cut the dot off a file without extension and would see two equal names.
      return names.take(`${stem}.`, (n) => `${numberedStem(stem, MAX_DIRECTORY, n)}.`).slice(0, -1);
    }
    const dot = child.name.lastIndexOf(".");
    const extension = dot > 0 ? dCharacters(child.name.slice(dot + 1)).slice(0, MAX_EXTENSION) : "";
    const room = MAX_FILE - extension.length;
    const stem = dCharacters(dot > 0 ? child.name.slice(0, dot) : child.name).slice(0, room);
    return names.take(`${stem}.${extension}`, (n) => `${numberedStem(stem, room, n)}.${extension}`);
  });
}

function numberedStem(stem: string, room: number, n: number): string {
  const suffix = `_${n}`;
  return stem.slice(0, room - suffix.length) + suffix;
}

const OTHER_CHARACTERS = /[^A-Za-z0-9_]/g;

/** Everything that is no d-character (ECMA-119 7.4.1) becomes `_`, letter case apart. */
function dCharacters(text: string): string {
  return text.replace(OTHER_CHARACTERS, "_").toUpperCase();
}
