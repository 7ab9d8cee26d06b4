import type { FatGeometry } from "../../fat/read/boot-sector.js";
import { FREE, isLongNamePart, isVolumeLabel } from "../../fat/read/directory-entry.js";
import { latin1, uint16le } from "../../input/integers.js";
import type { FaultList } from "../fault.js";
import { type CheckedFatDirectory, type Slot, SPECIFICATION } from "./check.js";
import { directoryPlace } from "./tree.js";

const NO_NAME = "NO NAME    ";
const FORBIDDEN = '"*+,./:;<=>?[\\]|';

/** The volume label stands in the root directory and in the boot sector, the same in both, once, and nowhere else. */
export function checkLabels(
  { bytes, extendedRecord }: FatGeometry,
  directories: readonly CheckedFatDirectory[],
  faults: FaultList,
): void {
  const [root, ...others] = directories;
  const inBoot = latin1(bytes, extendedRecord + 7, 11);
  const found = root === undefined ? [] : labelsOf(root);
  checkCharacters(inBoot, extendedRecord + 7, "boot sector", faults);
  for (const directory of others) {
    for (const { offset } of labelsOf(directory)) {
      faults.error(
        directoryPlace(directory),
        offset + 11,
        `${SPECIFICATION} DIR_Attr`,
        "a volume label stands in the root directory only",
      );
    }
  }
  const [label, second] = found;
  if (second !== undefined)
    faults.error("root directory", second.offset, `${SPECIFICATION} DIR_Attr`, "there is more than one volume label");
  if (label === undefined) {
    if (inBoot !== NO_NAME && inBoot.trim() !== "") {
      faults.error(
        "root directory",
        extendedRecord + 7,
        `${SPECIFICATION} BS_VolLab`,
        `the boot sector has the label ${JSON.stringify(inBoot)}, the root directory has none`,
      );
    }
    return;
  }
  const inRoot = latin1(label.bytes, 0, 11);
  if (inRoot !== inBoot) {
    faults.error(
      "root directory",
      label.offset,
      `${SPECIFICATION} BS_VolLab`,
      `the labels differ: ${JSON.stringify(inRoot)} here, ${JSON.stringify(inBoot)} in the boot sector`,
    );
  }
  checkCharacters(inRoot, label.offset, "root directory", faults);
  if (uint16le(label.bytes, 26) !== 0 || uint16le(label.bytes, 20) !== 0) {
    faults.error("root directory", label.offset + 26, `${SPECIFICATION} DIR_Attr`, "a volume label has no cluster");
  }
}

function labelsOf({ slots }: CheckedFatDirectory): Slot[] {
  return slots.filter(({ bytes }) => bytes[0] !== FREE && !isLongNamePart(bytes[11]!) && isVolumeLabel(bytes[11]!));
}

/** Lower case is forbidden too, and yet `config-2` must be: it passes. */
function checkCharacters(label: string, offset: number, place: string, faults: FaultList): void {
  for (let at = 0; at < label.length; at++) {
    const character = label[at]!;
    if (character >= " " && character !== "\x7f" && !FORBIDDEN.includes(character)) continue;
    faults.error(
      place,
      offset + at,
      `${SPECIFICATION} BS_VolLab`,
      `a label has no character 0x${character.charCodeAt(0).toString(16)}`,
    );
    return;
  }
}
