import { putBoth32 } from "../number.js";
import { putUtf8 } from "../text.js";
import { RECORDING_DATE_LENGTH, type RecordingDates } from "./recording-date.js";
import { type Extension, putSuspHeader } from "./susp.js";

/** The extension record that RRIP 1.09, section 4.3, prescribes word for word. */
export const RRIP_1991A: Extension = {
  identifier: "RRIP_1991A",
  descriptor: "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS",
  source:
    "PLEASE CONTACT DISC PUBLISHER FOR SPECIFICATION SOURCE.  SEE PUBLISHER IDENTIFIER IN PRIMARY VOLUME DESCRIPTOR FOR CONTACT INFORMATION.",
  version: 1,
};

/** POSIX file types in PX (RRIP 4.1.1). */
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;

/** Bytes of PX in RRIP 1.09, which has no serial number (4.1.1). */
export const PX_LENGTH = 36;
/** Bytes of TF with one short time stamp (RRIP 4.1.6). */
export const TF_LENGTH = 5 + RECORDING_DATE_LENGTH;
/** TF flag: the time of last modification (RRIP 4.1.6.2, bit 1). */
const TF_MODIFY = 0x02;

/** NM: bytes before the name, and the most of a name that one entry holds, its length being one byte (RRIP 4.1.4). */
const NM_HEADER_LENGTH = 5;
export const NM_MAX_CONTENT = 250;
/** NM flag: the name goes on in the next NM entry (RRIP 4.1.4.1, bit 0). */
const NM_CONTINUE = 0x01;
/** Linux cuts a longer name to its first NM entry (fs/isofs/rock.c, get_rock_ridge_filename). */
export const MAX_NAME_BYTES = 253;

/** PX: mode with file type, links, owner. */
export function putPx(b: Uint8Array, o: number, mode: number, links: number, uid: number, gid: number): void {
  putSuspHeader(b, o, "PX", PX_LENGTH);
  putBoth32(b, o + 4, mode);
  putBoth32(b, o + 12, links);
  putBoth32(b, o + 20, uid);
  putBoth32(b, o + 28, gid);
}

/** TF with the modification time alone: readers take the others from the record's own date, which is the same. */
export function putTf(b: Uint8Array, o: number, time: number, dates: RecordingDates): void {
  putSuspHeader(b, o, "TF", TF_LENGTH);
  b[o + 4] = TF_MODIFY;
  dates.put(b, o + 5, time);
}

/** Bytes of the NM entries that hold a name of that many bytes. */
export function nmLength(nameBytes: number): number {
  return nameBytes + NM_HEADER_LENGTH * Math.ceil(nameBytes / NM_MAX_CONTENT);
}

/** NM: the name in UTF-8, in one entry or two. */
export function putNm(b: Uint8Array, o: number, name: string, nameBytes: number): void {
  if (nameBytes <= NM_MAX_CONTENT) {
    putNmHeader(b, o, nameBytes, 0);
    putUtf8(b, o + NM_HEADER_LENGTH, name);
    return;
  }
  const bytes = new Uint8Array(nameBytes);
  putUtf8(bytes, 0, name);
  putNmHeader(b, o, NM_MAX_CONTENT, NM_CONTINUE);
  b.set(bytes.subarray(0, NM_MAX_CONTENT), o + NM_HEADER_LENGTH);
  const next = o + NM_HEADER_LENGTH + NM_MAX_CONTENT;
  putNmHeader(b, next, nameBytes - NM_MAX_CONTENT, 0);
  b.set(bytes.subarray(NM_MAX_CONTENT), next + NM_HEADER_LENGTH);
}

function putNmHeader(b: Uint8Array, o: number, contentBytes: number, flags: number): void {
  putSuspHeader(b, o, "NM", NM_HEADER_LENGTH + contentBytes);
  b[o + 4] = flags;
}
