import type { AllocationTable } from "../../fat/read/allocation.js";
import type { FatGeometry } from "../../fat/read/boot-sector.js";
import type { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import type { ReadLimits } from "../../volume.js";
import type { FaultList } from "../fault.js";
import type { ClusterMap } from "./cluster-map.js";

/** Where the rules of this folder stand: Microsoft's FAT32 File System Specification 1.03; a clause names its section or field. */
export const SPECIFICATION = "FAT 1.03";

/** What every check of a FAT volume may use. */
export interface FatCheck {
  readonly input: ImageInput;
  readonly faults: FaultList;
  readonly budget: ReadBudget;
  readonly limits: ReadLimits;
  readonly geometry: FatGeometry;
  readonly table: AllocationTable;
  readonly clusters: ClusterMap;
}

/** One 32-byte entry of a directory as it stands. */
export interface Slot {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One directory with its slots up to the end mark, that one not included. */
export interface CheckedFatDirectory {
  /** `/` for the root. */
  readonly path: string;
  /** First cluster; 0 for the root of FAT12 and FAT16. */
  readonly cluster: number;
  readonly parent: CheckedFatDirectory | undefined;
  /** Directories above it. */
  readonly depth: number;
  readonly slots: readonly Slot[];
  /** Where the first slot behind the end mark that is not zero stands, if any. */
  readonly behindEnd: number | undefined;
}
