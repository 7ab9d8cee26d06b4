import { type DirectoryNode, fieldOf, hierarchyOf } from "../hierarchy.js";
import type { Extent, ImagePlan } from "../plan.js";
import { ImageRefusal } from "../refusal.js";
import type { FileTree } from "../tree.js";
import { windowsNameRule } from "../windows-name.js";
import { putDirectories } from "./directory-data.js";
import { planDirectories } from "./directory-plan.js";
import { FileExtents } from "./file-extents.js";
import { JolietForm } from "./joliet-form.js";
import { layOut } from "./layout.js";
import { MAX_DIRECTORIES } from "./path-table.js";
import { putPathTables } from "./path-table-data.js";
import { PlainForm } from "./plain-form.js";
import { checkRecordingDate, RecordingDates } from "./recording-date.js";
import { SECTOR } from "./sector.js";
import {
  putTerminator,
  putVolumeDescriptor,
  TYPE_PRIMARY,
  TYPE_SUPPLEMENTARY,
  type Volume,
} from "./volume-descriptor.js";
import { checkLabel, checkText } from "./volume-names.js";

/** Stands in the application identifier of every image; goes up when the same input gives other bytes. */
export const ISO_WRITER = "CONFIGDRIVE_BRIDGE 1";

/** What an image is made of beside its tree; nothing else has a say in its bytes. */
export interface IsoOptions {
  /** At most 16 characters, equal in both volume descriptors. */
  readonly label: string;
  /**
   * Date of the volume and of entries that have none. To the hundredth of a second it is also what blkid calls the
   * volume's UUID.
   */
  readonly time: Date;
  /** Volume set identifier: a serial number or UUID of the drive. */
  readonly volumeSet?: string;
  readonly publisher?: string;
  readonly preparer?: string;
  /** Default false. Names that Windows takes for devices or would cut are refused; Joliet could hold them. */
  readonly windowsNames?: boolean;
  /** Bytes of the whole image, a multiple of 2048; what is left is zero. Default: as small as it can be. */
  readonly sizeBytes?: number;
}

export interface IsoPlan extends ImagePlan {
  readonly format: "iso9660";
  /** Entries whose Joliet name differs from their true name, which Rock Ridge always has. */
  readonly jolietAltered: readonly { readonly path: string; readonly name: string }[];
}

/** A file's data length has 32 bits, and one extent holds it (ECMA-119 9.1.4). */
const MAX_FILE_BYTES = 0xffff_ffff;
/** Volume space size has 32 bits (ECMA-119 8.4.8). */
const MAX_SECTORS = 0xffff_ffff;

/**
 * Lays out an ISO 9660 image with Joliet and Rock Ridge. Equal files share one extent; no file data is copied.
 * @throws ImageRefusal for what the format or one of its readers cannot hold
 */
export function planIso9660(tree: FileTree, options: IsoOptions): IsoPlan {
  const label = checkLabel(options.label);
  const volumeSet = checkText(options.volumeSet ?? "", "volumeSet");
  const publisher = checkText(options.publisher ?? "", "publisher");
  const preparer = checkText(options.preparer ?? "", "preparer");
  const time = options.time.getTime();
  checkRecordingDate(time, "time");
  const root = hierarchyOf(tree, time);
  if (options.windowsNames === true) refuseWindowsNames(root);
  const files = new FileExtents(tree.files.length);
  gatherFiles(root, files, time);
  const dates = new RecordingDates();
  const plainForm = new PlainForm(dates);
  const plain = planDirectories(root, plainForm);
  if (plain.length > MAX_DIRECTORIES) {
    throw new ImageRefusal("tree", `must have at most ${MAX_DIRECTORIES} directories (ECMA-119 9.4.4)`, plain.length);
  }
  const jolietForm = new JolietForm();
  const joliet = planDirectories(root, jolietForm);
  const layout = layOut(plain, joliet, plainForm.continuationLength, files.extents);
  plainForm.continuation = layout.continuation;
  const sectors = volumeSectors(layout.end, options.sizeBytes);
  const application = ISO_WRITER;
  const volume: Volume = { label, volumeSet, publisher, preparer, application, time: options.time, sectors };

  const b = layout.structures.allocate();
  putVolumeDescriptor(b, layout.primary, TYPE_PRIMARY, volume, plain[0]!, dates);
  putVolumeDescriptor(b, layout.joliet, TYPE_SUPPLEMENTARY, volume, joliet[0]!, dates);
  putTerminator(b, layout.terminator);
  putPathTables(b, plain, plainForm, layout.primary);
  putPathTables(b, joliet, jolietForm, layout.joliet);
  putDirectories(b, plain, plainForm, files, dates);
  putDirectories(b, joliet, jolietForm, files, dates);
  return {
    format: "iso9660",
    size: sectors * SECTOR,
    label,
    extents: [
      ...layout.structures.extents(b),
      ...files.extents.map(({ sector, data }): Extent => ({ offset: sector * SECTOR, data })),
    ],
    jolietAltered: jolietForm.altered,
  };
}

/** Data stands in the order of the sorted tree; dates and sizes that no record can say are refused on the way. */
function gatherFiles(directory: DirectoryNode, files: FileExtents, imageTime: number): void {
  for (const child of directory.children) {
    if (child.mtime !== imageTime) checkRecordingDate(child.mtime, fieldOf(child, "mtime"));
    if (child.kind === "directory") {
      gatherFiles(child, files, imageTime);
      continue;
    }
    if (child.data.size > MAX_FILE_BYTES) {
      const rule = `must have at most ${MAX_FILE_BYTES} bytes (ECMA-119 9.1.4: one extent)`;
      throw new ImageRefusal(fieldOf(child, "data"), rule, child.data.size);
    }
    files.add(child);
  }
}

function refuseWindowsNames(directory: DirectoryNode): void {
  for (const child of directory.children) {
    const rule = windowsNameRule(child.name);
    if (rule !== undefined) throw new ImageRefusal(fieldOf(child, "path"), rule, child.path);
    if (child.kind === "directory") refuseWindowsNames(child);
  }
}

function volumeSectors(needed: number, asked: number | undefined): number {
  if (needed > MAX_SECTORS) {
    throw new ImageRefusal("tree", `must fit ${MAX_SECTORS} sectors of ${SECTOR} bytes (ECMA-119 8.4.8)`, needed);
  }
  if (asked === undefined) return needed;
  if (!Number.isSafeInteger(asked) || asked < 0 || asked % SECTOR !== 0 || asked / SECTOR > MAX_SECTORS) {
    throw new ImageRefusal("sizeBytes", `must be a multiple of ${SECTOR}, at most ${MAX_SECTORS * SECTOR}`, asked);
  }
  if (asked / SECTOR < needed) {
    throw new ImageRefusal("sizeBytes", `the image needs ${needed * SECTOR} bytes`, asked);
  }
  return asked / SECTOR;
}
