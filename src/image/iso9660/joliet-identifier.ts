import { foldCase } from "../case-folding.js";
import type { HierarchyNode } from "../hierarchy.js";
import { UniqueNames } from "../unique-names.js";

/** UTF-16 units of a name: 128 bytes (Joliet, "Relax restriction on identifier length"). */
const MAX_UNITS = 64;
/** An extension up to this long, dot included, is kept where the name is cut. */
const MAX_EXTENSION = 16;

/**
 * Outside Joliet's character set (control characters were refused before); and dots and spaces at the end: Linux drops dots there
 * (fs/isofs/joliet.c), Windows both.
 */
const FORBIDDEN = /[*/:;?\\]|[. ]+$/g;

/**
 * Joliet identifiers for the children of one directory, without version, unique also to a reader without letter case.
 * A name that Joliet can hold stays as it is; another is spelled with `_`, cut to 64 units (never within a surrogate
 * pair), and numbered where taken.
 * @param children sorted by name, so that equal trees get equal identifiers
 */
export function jolietIdentifiers(children: readonly HierarchyNode[]): string[] {
  const names = new UniqueNames(foldCase);
  const identifiers = children.map((child) => spelled(child.name));
  const settle = (i: number): void => {
    const wanted = identifiers[i]!;
    identifiers[i] = names.take(wanted, (n) => fitted(wanted, `_${n}`));
  };
  // Names that can stay as they are come first: no altered name takes one of theirs.
  const altered: number[] = [];
  for (let i = 0; i < children.length; i++) {
    if (identifiers[i] === children[i]!.name) settle(i);
    else altered.push(i);
  }
  altered.forEach(settle);
  return identifiers;
}

/** The key that orders Joliet records: the name before its first dot, padded with zero, then the rest (ECMA-119 9.3). */
export function jolietOrder(identifier: string): string {
  return identifier.replace(".", "\0");
}

function spelled(name: string): string {
  const allowed = name.search(FORBIDDEN) < 0 ? name : name.replace(FORBIDDEN, underscores);
  return allowed.length <= MAX_UNITS ? allowed : fitted(allowed, "");
}

const underscores = (text: string): string => "_".repeat(text.length);

/** The stem cut so that stem, suffix and extension fit; the suffix goes before the extension. */
function fitted(name: string, suffix: string): string {
  const dot = name.lastIndexOf(".");
  const kept = dot > 0 && name.length - dot <= MAX_EXTENSION ? name.slice(dot) : "";
  const stem = name.slice(0, name.length - kept.length);
  let room = Math.min(stem.length, MAX_UNITS - suffix.length - kept.length);
  if (room < stem.length && isHighSurrogate(stem.charCodeAt(room - 1))) room--;
  return stem.slice(0, room) + suffix + kept;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}
