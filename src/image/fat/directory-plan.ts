import { foldCase } from "../case-folding.js";
import { type DirectoryNode, type FileNode, fieldOf } from "../hierarchy.js";
import { ImageRefusal } from "../refusal.js";
import { windowsNameRule } from "../windows-name.js";
import { type FatDate, fatDateOf } from "./date.js";
import { longNameEntries, longNameRule } from "./long-name.js";
import { type ShortName, shortNames } from "./short-name.js";

/** A file of a FAT volume. */
export interface FilePlan {
  readonly node: FileNode;
  readonly date: FatDate;
  /** First cluster, once it is given; 0 for an empty file (FAT specification, DIR_FstClusLO). */
  cluster: number;
}

/** A directory of a FAT volume. */
export interface FatDirectoryPlan {
  readonly node: DirectoryNode;
  readonly date: FatDate;
  readonly children: readonly { readonly short: ShortName; readonly plan: FilePlan | FatDirectoryPlan }[];
  /** 32-byte entries, with ".", ".." and the label. */
  readonly entries: number;
  cluster: number;
}

/** DIR_FileSize has 32 bits. */
const MAX_FILE_BYTES = 0xffff_ffff;
/** A directory has at most 65,536 entries, 2 MiB (FAT specification, "FAT Directory Structure"). */
const MAX_ENTRIES = 65_536;

/** @throws ImageRefusal for names, dates and sizes that FAT cannot hold */
export function planFatDirectory(node: DirectoryNode, isRoot: boolean): FatDirectoryPlan {
  checkNames(node);
  const short = shortNames(node.children.map((child) => child.name));
  // "." and ".."; the root has neither, but the label.
  let entries = isRoot ? 1 : 2;
  const children = node.children.map((child, i) => {
    entries += 1 + (short[i]!.needsLongName ? longNameEntries(child.name) : 0);
    return { short: short[i]!, plan: child.kind === "directory" ? planFatDirectory(child, false) : planFile(child) };
  });
  if (entries > MAX_ENTRIES) {
    const rule = `a directory must have at most ${MAX_ENTRIES} entries, long names counted (FAT)`;
    throw new ImageRefusal(isRoot ? "tree" : fieldOf(node, "path"), rule, entries);
  }
  return { node, date: fatDateOf(node.mtime, fieldOf(node, "mtime")), children, entries, cluster: 0 };
}

export function isDirectoryPlan(plan: FilePlan | FatDirectoryPlan): plan is FatDirectoryPlan {
  return plan.node.kind === "directory";
}

function planFile(node: FileNode): FilePlan {
  if (node.data.size > MAX_FILE_BYTES) {
    throw new ImageRefusal(fieldOf(node, "data"), `must have at most ${MAX_FILE_BYTES} bytes (FAT)`, node.data.size);
  }
  return { node, date: fatDateOf(node.mtime, fieldOf(node, "mtime")), cluster: 0 };
}

function checkNames(directory: DirectoryNode): void {
  const folded = new Set<string>();
  for (const child of directory.children) {
    const rule = longNameRule(child.name) ?? windowsNameRule(child.name);
    if (rule !== undefined) throw new ImageRefusal(fieldOf(child, "path"), rule, child.name);
    const name = foldCase(child.name);
    if (folded.has(name)) {
      const twice = "must differ from its neighbours in more than letter case (FAT)";
      throw new ImageRefusal(fieldOf(child, "path"), twice, child.path);
    }
    folded.add(name);
  }
}
