import { readTable } from "../../fat/read/allocation.js";
import { readGeometry } from "../../fat/read/boot-sector.js";
import { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import type { ReadLimits } from "../../volume.js";
import type { FaultList } from "../fault.js";
import { checkBackupBootSector } from "./backup-boot-sector.js";
import { checkBootSector } from "./boot-sector.js";
import type { FatCheck } from "./check.js";
import { ClusterMap } from "./cluster-map.js";
import { checkDirectory } from "./directory.js";
import { checkFatCopies } from "./fat-copies.js";
import { checkFsInfo } from "./fsinfo.js";
import { checkGeometry } from "./geometry.js";
import { checkLabels } from "./labels.js";
import { checkLostClusters } from "./lost-clusters.js";
import { checkReservedEntries } from "./reserved-entries.js";
import { readFatTree } from "./tree.js";

/**
 * Every check of a FAT volume; `hidden` is the sectors of 512 bytes before it on its medium.
 * Throws `ImageRefusal` where the volume leaves nothing more to check.
 */
export function verifyFat(input: ImageInput, hidden: number, limits: ReadLimits, faults: FaultList): void {
  const budget = new ReadBudget(limits);
  const geometry = readGeometry(input);
  checkBootSector(geometry, faults);
  checkGeometry(geometry, input.size, hidden, faults);
  const table = readTable(input, geometry, 0, budget);
  const clusters = new ClusterMap(geometry, table, faults, budget);
  const check: FatCheck = { input, faults, budget, limits, geometry, table, clusters };
  checkFatCopies(check);
  checkReservedEntries(check);
  if (geometry.fat32Layout) {
    checkFsInfo(check);
    checkBackupBootSector(check);
  }
  const directories = readFatTree(check);
  for (const directory of directories) checkDirectory(check, directory);
  checkLabels(geometry, directories, faults);
  checkLostClusters(check);
}
