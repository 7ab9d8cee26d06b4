import type { Device, DeviceBus, DeviceKind } from "./drive.js";
import type { SpecFile } from "./spec.js";

/** What a port's call may take: every wait ends at the signal. */
export interface Wait {
  readonly signal: AbortSignal;
}

/** An image at its place on the host where the hypervisor runs. */
export interface PlacedImage {
  readonly driveId: string;
  readonly generation: number;
  readonly path: string;
  readonly sizeBytes: number;
  readonly format: "iso9660" | "vfat" | "raw";
}

/** What is wished for a device; what is left open the adapter chooses and says why. */
export interface DeviceWish {
  readonly kind?: DeviceKind;
  readonly bus?: DeviceBus;
  /** Why, where it is not the caller who wishes. */
  readonly why?: string;
}

/** A device as a guest sees it. */
export interface DeviceForm {
  readonly kind: DeviceKind;
  readonly bus: DeviceBus;
}

/** One drive that the hypervisor was seen to show to an instance. */
export interface Observation {
  readonly driveId: string;
  /** The generation that the guest sees; 0 when the device is there without a medium. */
  readonly generation: number;
  readonly deviceName: string;
}

/** A file that a compute manager rendered. */
export type RenderedFile = SpecFile<Uint8Array>;

/**
 * One hypervisor backend. Every step can be repeated: the same attach, refresh or detach again succeeds, and closes what an earlier
 * try of it, cut off at any point, has left at the backend.
 * Success means seen: a call returns once the hypervisor shows (or no longer shows) the drive.
 * Refusals: INSTANCE_NOT_FOUND, INSTANCE_AMBIGUOUS, INSTANCE_NOT_RUNNING, BUS_NOT_AVAILABLE, DEVICE_BUSY, DEVICE_LOCKED, HYPERVISOR_UNREACHABLE,
 * HYPERVISOR_FAILED, DEADLINE_EXCEEDED.
 */
export interface Hypervisor {
  /** Which backend this is, such as `qemu`. */
  readonly name: string;
  /** What it can plug in while a guest runs, best first. */
  readonly devices: readonly DeviceForm[];
  /** Chooses a device for an image on this instance's machine without changing anything. */
  choose(instanceId: string, image: PlacedImage, wish: DeviceWish, wait: Wait): Promise<Device>;
  /** Shows an image to the instance on the chosen device. */
  attach(instanceId: string, image: PlacedImage, device: Device, wait: Wait): Promise<void>;
  /** Changes what an attached device shows. Where the device cannot change its medium, it is taken and given again. */
  refresh(instanceId: string, image: PlacedImage, device: Device, force: boolean, wait: Wait): Promise<void>;
  /** Takes the device away; an instance or device that is not there is a success. */
  detach(instanceId: string, driveId: string, device: Device, force: boolean, wait: Wait): Promise<void>;
  /** Says which of our drives the instance has now; `undefined` when the instance does not run here. */
  observe(instanceId: string, wait: Wait): Promise<readonly Observation[] | undefined>;
  /**
   * What the instance's own drive is to hold now, as the compute manager that runs the instance would write it. Not there where
   * the backend has no such manager. Refusals: RENDER_NOT_AVAILABLE too.
   */
  render?(instanceId: string, driveId: string, wait: Wait): Promise<readonly RenderedFile[]>;
  /** Lets go of every connection. */
  close(): Promise<void>;
}
