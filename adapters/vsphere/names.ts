/**
 * How a drive is known in vCenter: by the file that its CD-ROM shows. Each drive has a folder of its own on the datastore, apart
 * from the folders of machines: one that boots from a volume has none, and one that was moved has another.
 */

const FOLDER = "configdrive";
const SHOWN = new RegExp(
  `^\\[(.+)\\] (${FOLDER}/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/([1-9][0-9]{0,14})-[0-9a-f-]{1,36}\\.iso)$`,
);

/** The name of a drive's device, the same for every generation. */
export function deviceName(driveId: string): string {
  return `${FOLDER}/${driveId}`;
}

/**
 * The path of an image below its datastore. Each upload has one of its own: vCenter may go on with one that was given up, and
 * would write into the file of the next.
 */
export function imagePath(driveId: string, generation: number, uploadId: string): string {
  return `${deviceName(driveId)}/${generation}-${uploadId}.iso`;
}

/** A path as vCenter writes it: `[datastore] folder/file`. */
export function datastorePath(datastore: string, path: string): string {
  return `[${datastore}] ${path}`;
}

/** An image of ours on a datastore. */
export interface ShownImage {
  readonly datastore: string;
  /** Below the datastore. */
  readonly path: string;
  readonly driveId: string;
  readonly generation: number;
}

/** What a backing shows; `undefined` for a file that is not ours. */
export function parseBacking(file: string): ShownImage | undefined {
  const [, datastore, path, driveId, generation] = SHOWN.exec(file) ?? [];
  if (datastore === undefined || path === undefined || driveId === undefined) return undefined;
  return { datastore, path, driveId, generation: Number(generation) };
}
