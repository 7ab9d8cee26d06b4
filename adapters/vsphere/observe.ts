import type { Observation } from "#drive/hypervisor.js";
import type { Machine } from "./machine.js";
import { deviceName } from "./names.js";

/** Which of our drives the machine has now, in a CD-ROM or in its properties; a CD-ROM without a medium is generation 0. */
export async function observe(machine: Machine): Promise<readonly Observation[]> {
  const { hardware, properties } = await machine.glance();
  const carried = properties.drive === undefined ? [] : [properties.drive];
  const shown = hardware.cdroms.flatMap(({ drive, connected }) =>
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
  return [...shown, ...carried.map((drive) => ({ ...drive, deviceName: deviceName(drive.driveId) }))];
}
