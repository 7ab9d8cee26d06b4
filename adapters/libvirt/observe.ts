import type { Observation } from "#drive/hypervisor.js";
import { deviceName } from "./names.js";
import type { Session } from "./session.js";

/** Which of our drives the guest has now, or will have at its next start when it is shut off. */
export async function observe(session: Session): Promise<readonly Observation[]> {
  const [view] = session.views;
  if (view === undefined) return [];
  const { disks } = await session.describe(view);
  return disks.flatMap(({ drive, trayOpen }) => {
    if (drive === undefined) return [];
    return [{ ...drive, generation: trayOpen ? 0 : drive.generation, deviceName: deviceName(drive.driveId) }];
  });
}
