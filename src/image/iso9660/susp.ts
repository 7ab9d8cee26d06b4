import { putBoth32 } from "../number.js";
import { putAscii } from "../text.js";

/** System Use Sharing Protocol 1.09/1.12: each entry begins with a 2-byte signature, its length and its version. */
export const SUSP_HEADER_LENGTH = 4;
const VERSION = 1;

/** Bytes of the SP entry, which stands first in the root's "." record alone (SUSP 5.3). */
export const SP_LENGTH = 7;
/** Bytes of the CE entry (SUSP 5.1). */
export const CE_LENGTH = 28;

export function putSuspHeader(b: Uint8Array, o: number, signature: string, length: number): void {
  putAscii(b, o, signature);
  b[o + 2] = length;
  b[o + 3] = VERSION;
}

/** SP: the protocol is in use from here on; no bytes are skipped in other records (SUSP 5.3). */
export function putSp(b: Uint8Array, o: number): void {
  putSuspHeader(b, o, "SP", SP_LENGTH);
  b[o + 4] = 0xbe;
  b[o + 5] = 0xef;
  b[o + 6] = 0;
}

/** CE: the system use of this record goes on in a continuation area (SUSP 5.1). */
export function putCe(b: Uint8Array, o: number, sector: number, offset: number, length: number): void {
  putSuspHeader(b, o, "CE", CE_LENGTH);
  putBoth32(b, o + 4, sector);
  putBoth32(b, o + 12, offset);
  putBoth32(b, o + 20, length);
}

/** What an ER entry says of an extension (SUSP 5.5). */
export interface Extension {
  readonly identifier: string;
  readonly descriptor: string;
  readonly source: string;
  readonly version: number;
}

export function erLength(extension: Extension): number {
  return 8 + extension.identifier.length + extension.descriptor.length + extension.source.length;
}

/** ER: which extension the entries belong to (SUSP 5.5). */
export function putEr(b: Uint8Array, o: number, extension: Extension): void {
  const { identifier, descriptor, source, version } = extension;
  putSuspHeader(b, o, "ER", erLength(extension));
  b[o + 4] = identifier.length;
  b[o + 5] = descriptor.length;
  b[o + 6] = source.length;
  b[o + 7] = version;
  putAscii(b, o + 8, identifier);
  putAscii(b, o + 8 + identifier.length, descriptor);
  putAscii(b, o + 8 + identifier.length + descriptor.length, source);
}
