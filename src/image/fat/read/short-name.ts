/** Stored first byte that stands for E5, which would mark the entry free (FAT specification, DIR_Name). */
const KANJI_E5 = 0x05;
/** Bits of DIR_NTRes by which Windows NT and Linux show the base name or the extension in lower case. */
export const LOWER_BASE = 0x08;
export const LOWER_EXTENSION = 0x10;

/** Code page 437's upper half: what a short name's bytes from 80 on mean to the systems that made the format. */
const CP437 =
  "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

/** The 8.3 name of an entry as text, in the case that its NT bits ask for. */
export function shortName(bytes: Uint8Array): string {
  const base = part(bytes, 0, 8, (bytes[12]! & LOWER_BASE) !== 0);
  const extension = part(bytes, 8, 11, (bytes[12]! & LOWER_EXTENSION) !== 0);
  return extension === "" ? base : `${base}.${extension}`;
}

function part(bytes: Uint8Array, from: number, to: number, lower: boolean): string {
  let end = to;
  while (end > from && bytes[end - 1] === 0x20) end--;
  let text = "";
  for (let i = from; i < end; i++) {
    const byte = i === 0 && bytes[0] === KANJI_E5 ? 0xe5 : bytes[i]!;
    text += byte < 0x80 ? String.fromCharCode(byte) : CP437[byte - 0x80]!;
  }
  return lower ? text.toLowerCase() : text;
}

/** The checksum of the 11 bytes of a short name, which every part of its long name carries (FAT specification, "Long Directory Entries"). */
export function shortNameChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + bytes[i]!) & 0xff;
  return sum;
}
