import { readdir } from "node:fs/promises";
import type { Observation } from "#drive/hypervisor.js";
import { failed, folderOf, isMissing } from "./folder.js";
import { driveOfLink, shownGeneration } from "./link.js";

/** The links in an instance's folder; `undefined` when there is no folder. Refusals: HYPERVISOR_FAILED. */
export async function observe(root: string, instanceId: string): Promise<readonly Observation[] | undefined> {
  const folder = folderOf(root, instanceId);
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw failed(error);
  }
  const observations: Observation[] = [];
  for (const name of names) {
    const driveId = driveOfLink(name);
    if (driveId === undefined) continue;
    const generation = await shownGeneration(folder, driveId);
    if (generation !== undefined) observations.push({ driveId, generation, deviceName: name });
  }
  return observations;
}
