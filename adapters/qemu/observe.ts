import type { Observation } from "#drive/hypervisor.js";
import { blockDevices, shownGeneration } from "./blocks.js";
import { deviceId } from "./names.js";
import type { Session } from "./session.js";

/** Which of our drives the guest has now, and the generation that each of them shows. */
export async function observe(session: Session): Promise<readonly Observation[]> {
  const devices = await blockDevices(session);
  return devices.flatMap((device) =>
    device.driveId === undefined
      ? []
      : [{ driveId: device.driveId, generation: shownGeneration(device), deviceName: deviceId(device.driveId) }],
  );
}
