import { ATTRIBUTE, FREE, isDot, isLongNamePart, isVolumeLabel } from "../../fat/read/directory-entry.js";
import { type CheckedFatDirectory, type FatCheck, SPECIFICATION } from "./check.js";
import { checkDotEntries } from "./dot-entries.js";
import { checkEntryFields, checkPlainEntry } from "./entry-fields.js";
import { LongNames } from "./long-names.js";
import { checkShortName, ShortNames } from "./short-names.js";
import { directoryPlace, entryPlace } from "./tree.js";

/** Every entry of one directory, in its order. */
export function checkDirectory(check: FatCheck, directory: CheckedFatDirectory): void {
  const { faults, geometry } = check;
  const long = new LongNames(faults, directory);
  const short = new ShortNames();
  checkDotEntries(check, directory);
  for (const slot of directory.slots) {
    const { bytes } = slot;
    const attributes = bytes[11]!;
    if (bytes[0] === FREE) long.orphan("a free entry follows the parts of a long name");
    else if (isLongNamePart(attributes)) long.part(slot);
    else if (isVolumeLabel(attributes)) {
      long.orphan("a volume label has no long name");
      checkEntryFields(faults, slot, geometry.type, () => `volume label in ${directoryPlace(directory)}`);
      checkPlainEntry(faults, slot, ATTRIBUTE.volumeLabel, `volume label in ${directoryPlace(directory)}`);
    } else if (isDot(bytes)) {
      long.orphan(". and .. have no long name");
      const place = entryPlace(directory, bytes[1] === 0x2e ? ".." : ".");
      checkEntryFields(faults, slot, geometry.type, () => place);
      checkPlainEntry(faults, slot, ATTRIBUTE.directory, place);
    } else {
      const name = long.entry(slot);
      checkEntryFields(faults, slot, geometry.type, () => entryPlace(directory, name));
      checkShortName(faults, slot, () => entryPlace(directory, name));
      short.check(faults, directory, slot);
    }
  }
  long.orphan("the directory ends behind the parts of a long name");
  if (directory.behindEnd !== undefined) {
    const rule = "there are bytes behind the end mark of the directory";
    faults.warning(directoryPlace(directory), directory.behindEnd, `${SPECIFICATION} DIR_Name`, rule);
  }
}
