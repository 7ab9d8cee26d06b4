import { type FatDirectoryPlan, type FilePlan, isDirectoryPlan } from "./directory-plan.js";
import type { FatDemand, FatType } from "./geometry.js";
import { ENTRY } from "./read/directory-entry.js";

/** Everything that takes clusters, in the order in which it gets them: directories, then files. */
export interface FatContents {
  readonly root: FatDirectoryPlan;
  /** Below the root, each with what stands above it. */
  readonly directories: readonly { readonly directory: FatDirectoryPlan; readonly parent: FatDirectoryPlan }[];
  /** Those that are not empty, in the order of the sorted tree. */
  readonly files: readonly FilePlan[];
}

/** The contents of a planned tree. */
export function contentsOf(root: FatDirectoryPlan): FatContents {
  const directories: { directory: FatDirectoryPlan; parent: FatDirectoryPlan }[] = [];
  const files: FilePlan[] = [];
  const gather = (parent: FatDirectoryPlan): void => {
    for (const { plan } of parent.children) {
      if (isDirectoryPlan(plan)) {
        directories.push({ directory: plan, parent });
        gather(plan);
      } else if (plan.node.data.size > 0) files.push(plan);
    }
  };
  gather(root);
  return { root, directories, files };
}

/** Clusters of a directory; the root's own only on FAT32 (FAT specification, "Root Directory"). */
export function directoryClusters(directory: FatDirectoryPlan, clusterBytes: number): number {
  return Math.ceil((directory.entries * ENTRY) / clusterBytes);
}

export function fileClusters(file: FilePlan, clusterBytes: number): number {
  return Math.ceil(file.node.data.size / clusterBytes);
}

/** What a volume for these contents has to hold. */
export function demandOf({ root, directories, files }: FatContents): FatDemand {
  return {
    rootEntries: root.entries,
    clusters(clusterBytes: number, type: FatType): number {
      let clusters = type === 32 ? directoryClusters(root, clusterBytes) : 0;
      for (const { directory } of directories) clusters += directoryClusters(directory, clusterBytes);
      for (const file of files) clusters += fileClusters(file, clusterBytes);
      return clusters;
    },
  };
}
