import { putBig32, putBoth16, putBoth32, putLittle32 } from "../number.js";
import { putAscii, putUcs2 } from "../text.js";
import { DESCRIPTOR_DATE_LENGTH, putDescriptorDate, putNoDescriptorDate } from "./descriptor-date.js";
import type { DirectoryPlan } from "./directory-plan.js";
import { DIRECTORY_RECORD, FLAG_DIRECTORY, putDirectoryRecord, ROOT_RECORD_LENGTH, SELF } from "./directory-record.js";
import type { HierarchyLayout } from "./layout.js";
import type { RecordingDates } from "./recording-date.js";
import { SECTOR } from "./sector.js";
import type { Place } from "./structures.js";

/** Offset of each field of a primary or supplementary volume descriptor (ECMA-119 8.4, 8.5). */
export const VOLUME_DESCRIPTOR = {
  type: 0,
  standardIdentifier: 1,
  version: 6,
  volumeFlags: 7,
  systemIdentifier: 8,
  volumeIdentifier: 40,
  volumeSpaceSize: 80,
  escapeSequences: 88,
  volumeSetSize: 120,
  volumeSequenceNumber: 124,
  logicalBlockSize: 128,
  pathTableSize: 132,
  pathTableL: 140,
  optionalPathTableL: 144,
  pathTableM: 148,
  optionalPathTableM: 152,
  rootRecord: 156,
  volumeSetIdentifier: 190,
  publisher: 318,
  preparer: 446,
  application: 574,
  copyrightFile: 702,
  abstractFile: 739,
  bibliographicFile: 776,
  creation: 813,
  modification: 830,
  expiration: 847,
  effective: 864,
  fileStructureVersion: 881,
} as const;

/** ECMA-119 8.1.1. */
export const TYPE_PRIMARY = 1;
export const TYPE_SUPPLEMENTARY = 2;
export const TYPE_TERMINATOR = 255;
/** ECMA-119 8.1.2. */
export const STANDARD_IDENTIFIER = "CD001";
/** UCS-2 level 3 (Joliet, "Escape sequences"). */
export const JOLIET_ESCAPE = "%/E";

const NAME_FIELDS = [
  [VOLUME_DESCRIPTOR.systemIdentifier, 32],
  [VOLUME_DESCRIPTOR.volumeIdentifier, 32],
  [VOLUME_DESCRIPTOR.volumeSetIdentifier, 128],
  [VOLUME_DESCRIPTOR.publisher, 128],
  [VOLUME_DESCRIPTOR.preparer, 128],
  [VOLUME_DESCRIPTOR.application, 128],
  [VOLUME_DESCRIPTOR.copyrightFile, 37],
  [VOLUME_DESCRIPTOR.abstractFile, 37],
  [VOLUME_DESCRIPTOR.bibliographicFile, 37],
] as const;

/** What both descriptors say alike. */
export interface Volume {
  readonly label: string;
  readonly volumeSet: string;
  readonly publisher: string;
  readonly preparer: string;
  readonly application: string;
  /** Creation and modification; blkid makes the volume's UUID of the latter. */
  readonly time: Date;
  /** Of the whole image. */
  readonly sectors: number;
}

/** Stores the descriptor of one hierarchy, with its root. The buffer is zero there. */
export function putVolumeDescriptor(
  b: Uint8Array,
  layout: HierarchyLayout,
  type: typeof TYPE_PRIMARY | typeof TYPE_SUPPLEMENTARY,
  volume: Volume,
  root: DirectoryPlan,
  dates: RecordingDates,
): void {
  const o = layout.descriptor.start;
  const joliet = type === TYPE_SUPPLEMENTARY;
  const putText = joliet ? putUcs2 : putAscii;
  putHeader(b, o, type);
  for (const [field, length] of NAME_FIELDS) fillWithSpaces(b, o + field, length, joliet);
  putText(b, o + VOLUME_DESCRIPTOR.volumeIdentifier, volume.label);
  putText(b, o + VOLUME_DESCRIPTOR.volumeSetIdentifier, volume.volumeSet);
  putText(b, o + VOLUME_DESCRIPTOR.publisher, volume.publisher);
  putText(b, o + VOLUME_DESCRIPTOR.preparer, volume.preparer);
  putText(b, o + VOLUME_DESCRIPTOR.application, volume.application);
  if (joliet) putAscii(b, o + VOLUME_DESCRIPTOR.escapeSequences, JOLIET_ESCAPE);
  putBoth32(b, o + VOLUME_DESCRIPTOR.volumeSpaceSize, volume.sectors);
  putBoth16(b, o + VOLUME_DESCRIPTOR.volumeSetSize, 1);
  putBoth16(b, o + VOLUME_DESCRIPTOR.volumeSequenceNumber, 1);
  putBoth16(b, o + VOLUME_DESCRIPTOR.logicalBlockSize, SECTOR);
  putBoth32(b, o + VOLUME_DESCRIPTOR.pathTableSize, layout.pathTableSize);
  putLittle32(b, o + VOLUME_DESCRIPTOR.pathTableL, layout.pathTableL.sector);
  putBig32(b, o + VOLUME_DESCRIPTOR.pathTableM, layout.pathTableM.sector);
  const rootRecord = o + VOLUME_DESCRIPTOR.rootRecord;
  putDirectoryRecord(
    b,
    rootRecord,
    ROOT_RECORD_LENGTH,
    root.place.sector,
    root.dataLength,
    root.node.mtime,
    dates,
    FLAG_DIRECTORY,
    1,
  );
  b[rootRecord + DIRECTORY_RECORD.identifier] = SELF;
  const created = o + VOLUME_DESCRIPTOR.creation;
  putDescriptorDate(b, created, volume.time);
  b.copyWithin(o + VOLUME_DESCRIPTOR.modification, created, created + DESCRIPTOR_DATE_LENGTH);
  putNoDescriptorDate(b, o + VOLUME_DESCRIPTOR.expiration);
  putNoDescriptorDate(b, o + VOLUME_DESCRIPTOR.effective);
  b[o + VOLUME_DESCRIPTOR.fileStructureVersion] = 1;
}

/** Stores the volume descriptor set terminator (ECMA-119 8.3). The buffer is zero there. */
export function putTerminator(b: Uint8Array, place: Place): void {
  putHeader(b, place.start, TYPE_TERMINATOR);
}

function putHeader(b: Uint8Array, o: number, type: number): void {
  b[o + VOLUME_DESCRIPTOR.type] = type;
  putAscii(b, o + VOLUME_DESCRIPTOR.standardIdentifier, STANDARD_IDENTIFIER);
  b[o + VOLUME_DESCRIPTOR.version] = 1;
}

/** Unused text is spaces (ECMA-119 7.4.3.2); in UCS-2 each is 00 20 and an odd last byte stays zero. */
function fillWithSpaces(b: Uint8Array, o: number, length: number, ucs2: boolean): void {
  if (!ucs2) b.fill(0x20, o, o + length);
  else for (let i = 1; i < length; i += 2) b[o + i] = 0x20;
}
