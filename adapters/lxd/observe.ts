import type { Observation } from "#drive/hypervisor.js";
import type { Container } from "./container.js";
import { deviceName } from "./names.js";

/** Which of our drives the container has now, or will have at its next start. */
export function observe({ drives }: Container): readonly Observation[] {
  return drives.map(({ driveId, generation }) => ({ driveId, generation, deviceName: deviceName(driveId) }));
}
