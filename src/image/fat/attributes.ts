import { ImageRefusal } from "../refusal.js";
import type { Attributes, FileTree } from "../tree.js";

const LACKING = ["mode", "uid", "gid"] as const;
const RULE = "must not be given for vfat: FAT keeps no modes and no owners, mount options decide; iso9660 keeps them";

/** @throws ImageRefusal for the first entry that asks for what no FAT volume can keep */
export function refuseModesAndOwners({ files, directories = [] }: FileTree): void {
  refuseIn(files, "files");
  refuseIn(directories, "directories");
}

function refuseIn(entries: readonly Attributes[], field: string): void {
  for (const [i, entry] of entries.entries()) {
    const member = LACKING.find((one) => entry[one] !== undefined);
    if (member !== undefined) throw new ImageRefusal(`${field}[${i}].${member}`, RULE, entry[member]);
  }
}
