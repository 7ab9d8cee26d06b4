import type { Datastore } from "./datastore.js";
import { type Machine, ownCdrom } from "./machine.js";

/** Takes the CD-ROM away, and what properties carry; then every image of the drive. What is not there is a success. */
export async function detach(machine: Machine, on: Datastore, driveId: string): Promise<void> {
  const look = await machine.look();
  const own = ownCdrom(look, driveId);
  if (own !== undefined) await machine.remove(own);
  if (look.properties.drive?.driveId === driveId) await machine.carryNone();
  await on.sweep(driveId);
}
