import type { Observation } from "#drive/hypervisor.js";
import { DEVICE_NAME } from "./choose.js";
import type { Look } from "./node.js";
import { settled } from "./states.js";

/** Which of our drives the node has: on its disk, or stored for its deploy. */
export function observe(look: Look): readonly Observation[] {
  const { mark } = look;
  return mark === undefined
    ? []
    : [{ driveId: mark.drive, generation: shownGeneration(look), deviceName: DEVICE_NAME }];
}

/** The generation that the guest sees; 0 while the disk is written, and where nobody knows. */
export function shownGeneration({ holds, mark, state }: Look): number {
  return holds && settled(state) ? (mark?.generation ?? 0) : 0;
}
