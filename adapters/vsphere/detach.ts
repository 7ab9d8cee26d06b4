import type { Datastore } from "./datastore.js";
import { type Machine, ownCdrom } from "./machine.js";

/** Takes the CD-ROM away, then every image of the drive. What is not there is a success. */
export async function detach(machine: Machine, on: Datastore, driveId: string): Promise<void> {
  const own = ownCdrom(await machine.look(), driveId);
  if (own !== undefined) await machine.remove(own);
  await on.sweep(driveId);
}
