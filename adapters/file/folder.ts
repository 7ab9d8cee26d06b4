import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isNativeError } from "node:util/types";
import { Refusal } from "#drive/refusal.js";

/** A name of one part: nothing in it leads elsewhere. The contract holds instance ids to it (options.proto, SHAPE_NAME). */
const instanceName = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

/** The folder of an instance. Refusals: INSTANCE_NOT_FOUND for an id that cannot be one. */
export function folderOf(root: string, instanceId: string): string {
  if (!instanceName.test(instanceId)) throw notFound(instanceId);
  return join(root, instanceId);
}

/** The folder of an instance that runs. Refusals: INSTANCE_NOT_FOUND. */
export async function runningFolder(root: string, instanceId: string): Promise<string> {
  const folder = folderOf(root, instanceId);
  if (!(await isDirectory(folder))) throw notFound(instanceId);
  return folder;
}

/** Whether a path is a directory; what is not there is none. */
export async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw failed(error);
  }
}

/** Whether the file system said that something is not there. */
export function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}

/** What the file system refused, as this backend's failure. */
export function failed(error: unknown): Refusal {
  const why = isNativeError(error) ? error.message : String(error);
  return new Refusal("HYPERVISOR_FAILED", `the instance's folder: ${why}`, { cause: error });
}

function notFound(instanceId: string): Refusal {
  return new Refusal("INSTANCE_NOT_FOUND", `there is no folder for instance ${instanceId}`, {
    metadata: { instance_id: instanceId },
  });
}
