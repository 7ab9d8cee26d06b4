import type { FatCheck } from "./check.js";
import { SPECIFICATION } from "./check.js";

/** Clusters that are in use and belong to nothing; reported once, with their number. */
export function checkLostClusters({ geometry, table, clusters, faults, budget }: FatCheck): void {
  let lost = 0;
  let first = 0;
  budget.spend(geometry.clusters);
  for (let cluster = 2; cluster < geometry.clusters + 2; cluster++) {
    const entry = table.entry(cluster);
    if (entry === 0 || entry === table.bad || clusters.isOwned(cluster)) continue;
    if (lost++ === 0) first = cluster;
  }
  if (lost === 0) return;
  const rule = `${lost} clusters are in use and belong to no file, the first is ${first}`;
  faults.error("FAT 1", clusters.entryOffset(first), `${SPECIFICATION} "FAT"`, rule);
}
