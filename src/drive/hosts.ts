import type { DeviceForm, Hypervisor, Wait } from "./hypervisor.js";
import type { ImageStore } from "./image-store.js";
import type { Launcher } from "./launcher.js";

/**
 * What entitles a service to do something about a drive on a host: the drive's revision as the service read or wrote it. A host
 * refuses one that is older than it has seen (DRIVE_BUSY), so that a late command of a service whose operation another one took
 * over undoes nothing.
 */
export interface Fence {
  readonly driveId: string;
  readonly revision: number;
}

/** The same for what is done about an instance that a service runs; an older one is refused with INSTANCE_BUSY. */
export interface InstanceFence {
  readonly instanceId: string;
  readonly revision: number;
}

/**
 * The revision in whose name things are done about a drive that is gone, where nobody knows its last one: newer than any. A host does
 * not remember it, since a drive may come again under the same id.
 */
export const GONE_REVISION = Number.MAX_SAFE_INTEGER;

/** The images that stand on a host for its hypervisor to open. */
export type HostImages = Omit<ImageStore, "hold" | "read">;

/** What is done on one host. */
export interface HostPorts {
  readonly images: HostImages;
  readonly hypervisor: Hypervisor;
}

/**
 * `AWAY`: nothing was heard of it lately. `AMBIGUOUS`: two agents claim it, so that nobody knows which one would act. `LOST`: an operator
 * has declared it so, whatever is heard of it.
 */
export type HostState = "PRESENT" | "AWAY" | "AMBIGUOUS" | "LOST";

/** A host as it last told of itself. */
export interface HostView {
  readonly host: string;
  readonly state: HostState;
  readonly hypervisor: { readonly name: string; readonly devices: readonly DeviceForm[] };
  /** Whether instances can be run there. */
  readonly launches: boolean;
  /** The version of what runs there. */
  readonly version: string;
  /** Unset where nothing was ever heard of it. */
  readonly seenAt?: Date;
}

/** The hosts that instances run on: the one that the service itself is on, or those where agents are. */
export interface Hosts {
  /** Whether images on a host are copies, apart from the service's own. */
  readonly apart: boolean;
  /** Whether this service is the one to act on that host. */
  serves(host: string): boolean;
  /** Refuses a host that a request names and that is not one of these: HOST_UNKNOWN; HOST_UNREACHABLE while that is not known yet. */
  require(host: string): void;
  /** Whether there is any use in trying something there now. */
  reachable(host: string): boolean;
  /** The host by its name, as whoever holds the fence may use it. Its calls refuse with HOST_UNREACHABLE while nobody answers there. */
  at(host: string, fence: Fence): HostPorts;
  /**
   * The host that an instance is on. Refusals: INSTANCE_NOT_FOUND where none has it; HOST_AMBIGUOUS where several have;
   * HOST_UNREACHABLE where none has, and some do not answer.
   * @param without - hosts that are neither asked nor missed
   */
  hostOf(instanceId: string, wait: Wait, without?: ReadonlySet<string>): Promise<string>;
  /**
   * What runs instances on the host, as whoever holds the fence may use it. Its calls refuse with LAUNCH_NOT_AVAILABLE where nothing
   * does there, and with HOST_UNREACHABLE while nobody answers.
   */
  launcherAt(host: string, fence: InstanceFence): Launcher;
  /**
   * The hosts where an instance can be run now. Refusals: LAUNCH_NOT_AVAILABLE where there is none; HOST_UNREACHABLE where those that
   * would do are away, or may not have been heard of yet.
   */
  launching(): readonly string[];
  /** Every host that is known, by name. */
  view(): readonly HostView[];
}
