import type { AllocationTable } from "../../fat/read/allocation.js";
import type { FatGeometry } from "../../fat/read/boot-sector.js";
import type { ReadBudget } from "../../input/budget.js";
import type { FaultList } from "../fault.js";
import { SPECIFICATION } from "./check.js";

/** Which chain each cluster belongs to. */
export class ClusterMap {
  /** For each cluster the number of its owner, from 1; 0 for none. */
  readonly #owners: Uint32Array;
  readonly #names: (() => string)[] = [];

  constructor(
    private readonly geometry: FatGeometry,
    private readonly table: AllocationTable,
    private readonly faults: FaultList,
    private readonly budget: ReadBudget,
  ) {
    this.#owners = new Uint32Array(geometry.clusters + 2);
  }

  /**
   * Follows a chain, notes its clusters as the owner's, and reports where it leaves the volume, meets another chain or itself, or ends
   * wrongly. Gives the clusters up to there.
   */
  claim(first: number, owner: () => string, offset: number): number[] {
    const number = this.#names.push(owner);
    const clusters: number[] = [];
    let cluster = first;
    while (cluster < this.table.endOfChain) {
      this.budget.spend();
      const rule = this.#ruleBroken(cluster, number, clusters.length);
      if (rule !== undefined) {
        const last = clusters.at(-1);
        this.faults.error(
          owner(),
          last === undefined ? offset : this.entryOffset(last),
          `${SPECIFICATION} "FAT"`,
          rule,
        );
        break;
      }
      this.#owners[cluster] = number;
      clusters.push(cluster);
      cluster = this.table.entry(cluster);
    }
    return clusters;
  }

  isOwned(cluster: number): boolean {
    return this.#owners[cluster] !== 0;
  }

  /** Where the entry of a cluster begins in the first FAT. */
  entryOffset(cluster: number): number {
    return this.geometry.fatStart + Math.floor((cluster * this.geometry.type) / 8);
  }

  #ruleBroken(cluster: number, number: number, length: number): string | undefined {
    if (cluster === this.table.bad) return "the chain leads to a bad cluster";
    if (cluster < 2 || cluster >= this.geometry.clusters + 2) {
      const where = length === 0 ? "it begins" : "the chain leads";
      return `${where} at cluster ${cluster}, the volume has clusters 2 to ${this.geometry.clusters + 1}`;
    }
    const owner = this.#owners[cluster]!;
    if (owner === 0) return undefined;
    return owner === number
      ? `the chain meets itself at cluster ${cluster}`
      : `cluster ${cluster} belongs to ${this.#names[owner - 1]!()} too`;
  }
}
