import { ImageRefusal } from "../refusal.js";

/** Bytes of a label in the boot sector and in the root directory. */
export const LABEL_LENGTH = 11;

/** Printable ASCII that a short name may hold (FAT specification, DIR_Name), and lower case, which blkid keeps. */
const ALLOWED = /^[A-Za-z0-9 !#$%&'()@^_`{}~-]+$/;

/** @throws ImageRefusal when a FAT volume cannot have that label */
export function checkFatLabel(label: string): string {
  const refuse = (rule: string): never => {
    throw new ImageRefusal("label", rule, label);
  };
  if (label === "") refuse("must not be empty: readers find the drive by it");
  if (label.length > LABEL_LENGTH) refuse(`must have at most ${LABEL_LENGTH} characters (FAT, BS_VolLab)`);
  if (!ALLOWED.test(label)) refuse('must be ASCII without any of " * + , . / : ; < = > ? [ \\ ] | (FAT, DIR_Name)');
  if (label !== label.trim()) refuse("must not begin or end with a space: the field is padded with spaces");
  return label;
}
