import { ImageRefusal } from "../refusal.js";

/** Joliet's volume identifier: 32 bytes of UCS-2. The plain one could be longer, but blkid must read the same in both. */
const MAX_LABEL = 16;
/** The other identifiers: 128 bytes, of UCS-2 in Joliet (ECMA-119 8.5, Joliet). */
const MAX_TEXT = 64;

/** Printable ASCII is what every reader of the table of consumers shows alike. */
const PRINTABLE = /^[\x20-\x7e]*$/;
/** Outside Joliet's character set. */
const NOT_IN_JOLIET = /[*/:;?\\]/;

/** @throws ImageRefusal when the label could not stand equal in both volume descriptors */
export function checkLabel(label: string): string {
  const refuse = (rule: string): never => {
    throw new ImageRefusal("label", rule, label);
  };
  if (label === "") refuse("must not be empty: blkid then reports no label at all");
  if (!PRINTABLE.test(label)) refuse("must be printable ASCII");
  if (label.length > MAX_LABEL) refuse(`must have at most ${MAX_LABEL} characters (Joliet volume identifier)`);
  if (NOT_IN_JOLIET.test(label)) refuse("must not hold any of * / : ; ? \\ (Joliet)");
  if (label !== label.trim()) refuse("must not begin or end with a space: the field is padded with spaces");
  return label;
}

/** @throws ImageRefusal when the text does not fit an identifier field of both volume descriptors */
export function checkText(text: string, field: string): string {
  if (!PRINTABLE.test(text)) throw new ImageRefusal(field, "must be printable ASCII", text);
  if (text.length > MAX_TEXT) {
    throw new ImageRefusal(field, `must have at most ${MAX_TEXT} characters (128 bytes of UCS-2 in Joliet)`, text);
  }
  return text;
}
