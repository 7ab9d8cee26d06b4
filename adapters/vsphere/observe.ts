import type { Observation } from "#drive/hypervisor.js";
import type { Machine } from "./machine.js";
import { deviceName } from "./names.js";

/** Which of our drives the machine has now; one without a medium is generation 0. */
export async function observe(machine: Machine): Promise<readonly Observation[]> {
  const { hardware } = await machine.glance();
  return hardware.cdroms.flatMap(({ drive, connected }) =>
    drive === undefined
      ? []
      : [
          {
            driveId: drive.driveId,
            generation: connected ? drive.generation : 0,
            deviceName: deviceName(drive.driveId),
          },
        ],
  );
}
