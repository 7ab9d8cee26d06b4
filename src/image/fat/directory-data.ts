import { putDirectoryEntry } from "./directory-entry.js";
import { type FatDirectoryPlan, isDirectoryPlan } from "./directory-plan.js";
import { LABEL_LENGTH } from "./label.js";
import { putLongName } from "./long-name.js";
import { ATTRIBUTE, ENTRY } from "./read/directory-entry.js";
import { shortNameChecksum } from "./read/short-name.js";

/** Stores the root directory: the label first, then its children. The buffer is zero there. */
export function putRootDirectory(b: Uint8Array, o: number, root: FatDirectoryPlan, label: string): void {
  putDirectoryEntry(b, o, label.padEnd(LABEL_LENGTH), ATTRIBUTE.volumeLabel, root.date, 0, 0);
  putChildren(b, o + ENTRY, root);
}

/** Stores a directory below the root. `..` says 0 where that is the root (FAT specification, DIR_FstClusLO). */
export function putDirectory(
  b: Uint8Array,
  o: number,
  directory: FatDirectoryPlan,
  parent: FatDirectoryPlan,
  parentIsRoot: boolean,
): void {
  const above = parentIsRoot ? 0 : parent.cluster;
  putDirectoryEntry(b, o, ".".padEnd(11), ATTRIBUTE.directory, directory.date, directory.cluster, 0);
  putDirectoryEntry(b, o + ENTRY, "..".padEnd(11), ATTRIBUTE.directory, parent.date, above, 0);
  putChildren(b, o + 2 * ENTRY, directory);
}

function putChildren(b: Uint8Array, start: number, directory: FatDirectoryPlan): void {
  let o = start;
  for (const { short, plan } of directory.children) {
    const begin = o;
    if (short.needsLongName) {
      const field = Uint8Array.from(short.field, (character) => character.charCodeAt(0));
      o = putLongName(b, begin, plan.node.name, shortNameChecksum(field));
    }
    if (isDirectoryPlan(plan)) putDirectoryEntry(b, o, short.field, ATTRIBUTE.directory, plan.date, plan.cluster, 0);
    else putDirectoryEntry(b, o, short.field, ATTRIBUTE.archive, plan.date, plan.cluster, plan.node.data.size);
    o += ENTRY;
  }
}
