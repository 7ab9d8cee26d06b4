import type { Device } from "./drive.js";
import type { DeviceWish, PlacedImage, Wait } from "./hypervisor.js";
import { Refusal } from "./refusal.js";

/** What an instance is made of. */
export interface Launchable {
  /** A UUID; the hypervisor knows the instance by it from then on. */
  readonly id: string;
  readonly name: string;
  readonly launchIndex: number;
  /** In the backend's own words, as the caller gave it. */
  readonly template: string;
}

/** A drive that is to be there when the instance starts. */
export interface ShownDrive {
  /** The drive's revision as it was read: where it changed since, another host refuses to show it. */
  readonly revision: number;
  readonly image: PlacedImage;
  readonly device: Device;
  /** Whether it shall go with the instance, also where that is deleted past the service. */
  readonly deleteOnTermination: boolean;
}

/**
 * What a hypervisor backend does that runs instances itself, beside the Hypervisor port. Every step can be repeated, and goes on
 * from what an earlier one that was cut off has left. Success means seen. What runs outlives this process.
 * Refusals: those of the Hypervisor port, and INVALID_ARGUMENT for a template.
 */
export interface Launcher {
  /**
   * Reads a template and chooses the device of a drive that is there from the start; touches nothing.
   * Refusals: INVALID_ARGUMENT names `template` and the place in it; BUS_NOT_AVAILABLE.
   */
  plan(
    instance: Launchable,
    image: Pick<PlacedImage, "driveId" | "format" | "sizeBytes">,
    wish: DeviceWish,
  ): Promise<Device>;
  /** Makes the instance run, its drives in it from the first moment and none of them first in boot order. One that runs already is left as it is. */
  launch(instance: Launchable, drives: readonly ShownDrive[], wait: Wait): Promise<void>;
  /** Ends the guest: asked first, and switched off when it has not ended by itself in so many milliseconds. It can be launched again. */
  stop(instanceId: string, graceMs: number, wait: Wait): Promise<void>;
  /** Switches the instance off and leaves nothing of it; one that is not there is a success. */
  destroy(instanceId: string, wait: Wait): Promise<void>;
  /** Whether it runs. */
  runs(instanceId: string, wait: Wait): Promise<boolean>;
}

/** Nothing runs instances on this host. */
export function launchNotAvailable(host: string): Refusal {
  return new Refusal(
    "LAUNCH_NOT_AVAILABLE",
    `no instances are run on host ${host}: its hypervisor cannot, or is told not to`,
    {
      metadata: { host },
    },
  );
}
