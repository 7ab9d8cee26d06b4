import { ReadBudget } from "../../input/budget.js";
import type { ImageInput } from "../../input/input.js";
import {
  DESCRIPTOR,
  FIRST_DESCRIPTOR,
  jolietDescriptor,
  primaryDescriptor,
  readDescriptorSet,
  SECTOR,
  treeRoot,
  type VolumeDescriptor,
} from "../../iso9660/read/volume-descriptor.js";
import type { ReadLimits } from "../../volume.js";
import type { FaultList } from "../fault.js";
import { checkDescriptorSet } from "./descriptor-set.js";
import { checkJolietText, checkPrimaryText } from "./descriptor-text.js";
import { checkDirectoryExtent } from "./directory-extent.js";
import { checkRecordFields } from "./directory-record.js";
import { ExtentMap } from "./extent-map.js";
import { checkFileExtents } from "./file-extents.js";
import { checkForeignSystemUse } from "./foreign-system-use.js";
import { checkIdentifiers } from "./identifiers.js";
import { checkJolietDescriptor } from "./joliet-descriptor.js";
import { checkPathTables } from "./path-table.js";
import { checkRecordOrder } from "./record-order.js";
import { checkRockRidge } from "./rock-ridge.js";
import { checkRootRecord } from "./root-record.js";
import { checkSelfAndParent } from "./self-and-parent.js";
import { checkSystemArea } from "./system-area.js";
import { type CheckedTree, type IsoCheck, readCheckedTree, recordPlace, type TreeName } from "./tree.js";
import { checkTreesAgree } from "./trees-agree.js";
import { checkVolumeDates } from "./volume-dates.js";
import { checkVolumeDescriptor, usableBlocks } from "./volume-descriptor.js";

/** Every check of an ISO 9660 image. Throws `ImageRefusal` where the image leaves nothing more to check. */
export function verifyIso9660(input: ImageInput, limits: ReadLimits, faults: FaultList): void {
  const budget = new ReadBudget(limits);
  if (input.size % SECTOR !== 0) {
    faults.error(
      "image",
      input.size,
      "ECMA-119 6.1.2",
      `an image is whole sectors of ${SECTOR} bytes, this one has ${input.size} bytes`,
    );
  }
  checkSystemArea(input, faults);
  const set = readDescriptorSet(input, budget);
  checkDescriptorSet(input, set, faults);
  const primary = primaryDescriptor(set);
  const joliet = jolietDescriptor(set);
  const extents = new ExtentMap();
  extents.add(FIRST_DESCRIPTOR, set.length * SECTOR, "volume descriptors", () => "the volume");
  const check: IsoCheck = { input, faults, budget, limits, volumeBlocks: usableBlocks(primary, input.size) };
  for (const descriptor of set) {
    if (descriptor.type === DESCRIPTOR.primary || descriptor === joliet) checkDescriptor(check, descriptor);
  }
  checkPrimaryText(primary, faults);
  const tree = checkTree(check, "primary", primary, extents);
  const files = checkRockRidge(check, tree, extents);
  if (joliet !== undefined) {
    checkJolietText(joliet, faults);
    checkJolietDescriptor(joliet, primary, faults);
    const jolietTree = checkTree(check, "Joliet", joliet, extents);
    checkForeignSystemUse(check, jolietTree);
    checkTreesAgree(check, tree, jolietTree, files);
  }
  extents.checkOverlaps(faults);
}

function checkDescriptor(check: IsoCheck, descriptor: VolumeDescriptor): void {
  checkVolumeDescriptor(descriptor, check.input.size, check.faults);
  checkVolumeDates(descriptor, check.faults);
  checkRootRecord(check, descriptor);
}

function checkTree(check: IsoCheck, name: TreeName, descriptor: VolumeDescriptor, extents: ExtentMap): CheckedTree {
  const tree = readCheckedTree(check, name, treeRoot(descriptor));
  for (const directory of tree.directories) {
    checkSelfAndParent(check, tree, directory);
    checkDirectoryExtent(check, tree, directory);
    checkIdentifiers(check, tree, directory);
    checkRecordOrder(check, tree, directory);
    for (const record of directory.records) {
      checkRecordFields(check.faults, record, () => recordPlace(name, directory, record));
    }
  }
  checkFileExtents(check, tree, extents);
  checkPathTables(check, descriptor, tree, extents);
  return tree;
}
