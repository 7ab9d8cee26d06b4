import type { ImageFormat } from "#image/plan.js";
import type { DeviceBus, DeviceKind } from "../drive.js";
import type { AskedContent } from "../spec.js";
import type { Call, Mutation } from "../use-cases.js";
import type { Instance } from "./instance.js";

export interface RunInstances extends Omit<Mutation, "etag"> {
  /** Empty: one is chosen. */
  readonly host: string;
  /** Empty: made of the id. */
  readonly name: string;
  /** With fewer than these there is to be none; 0: 1. */
  readonly minCount: number;
  /** 0: as many as `minCount`. */
  readonly maxCount: number;
  readonly template: string;
  /** What the drive of each shall hold. */
  readonly content: AskedContent;
  readonly format?: ImageFormat;
  readonly label: string;
  readonly sizeBytes: number;
  readonly kind?: DeviceKind;
  readonly bus?: DeviceBus;
  /** Unset: true. */
  readonly deleteOnTermination?: boolean;
}

export interface TerminateInstances extends Omit<Mutation, "etag"> {
  readonly instanceIds: readonly string[];
}

export interface StopInstance extends Mutation {
  readonly instanceId: string;
  /** How long the guest may take to shut down by itself; 0: not at all. */
  readonly graceMs: number;
}

export interface StartInstance extends Mutation {
  readonly instanceId: string;
}

export interface ListInstances {
  /** Empty: all. */
  readonly reservationId: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** An instance, with the drives that it has. */
export interface InstanceView {
  readonly instance: Instance;
  readonly driveIds: readonly string[];
}

export interface InstancePage {
  readonly instances: readonly InstanceView[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** What both doors call; one file each in this folder carries them out. All throw `Refusal`. */
export interface InstanceUseCases {
  run(request: RunInstances, call: Call): Promise<readonly InstanceView[]>;
  terminate(request: TerminateInstances, call: Call): Promise<void>;
  stop(request: StopInstance, call: Call): Promise<InstanceView>;
  start(request: StartInstance, call: Call): Promise<InstanceView>;
  get(instanceId: string, call: Call): Promise<InstanceView>;
  list(request: ListInstances, call: Call): Promise<InstancePage>;
}
