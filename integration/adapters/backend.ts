import type { DeviceForm, Hypervisor } from "#drive/hypervisor.js";
import type { SampleImage } from "./sample-image.js";

/** What a backend's instances can be put through. A case that needs more than a backend has is left out for it. */
export type Ability =
  /** An image can be shown as a disk, so that it may have any number of sectors. */
  | "disks"
  /** Instances boot an operating system that takes time to come up. */
  | "boots"
  /** A drive can be given to an instance that is shut off, for its next start. */
  | "stores"
  /** The processor of an instance can stand still, and then no guest lets go of anything. */
  | "pauses"
  /** A guest can mount a medium. */
  | "mounts"
  /** The backend tells that a guest holds a medium locked, and the adapter refuses to take it unasked. */
  | "tells-locks"
  /** There is a daemon that can go and come back while instances go on. */
  | "restarts"
  /** What the adapter speaks to can stop answering. */
  | "hangs"
  /** The backend asks who calls. */
  | "credentials";

/** Limits in milliseconds, as adapters take them. */
export interface Patience {
  readonly answerMs: number;
  readonly unplugMs: number;
}

/**
 * One hypervisor backend, started for real, with the adapter that serves it: all that the conformance suite needs to hold it
 * to the `Hypervisor` port. Whoever adds an adapter, in this process or out of it, brings one of these.
 */
export interface Backend extends AsyncDisposable {
  /** What runs, with versions: `libvirt 9.0.0, QEMU 7.2.22`. */
  readonly against: string;
  /** Where images are written; both the test and the backend see it. */
  readonly images: string;
  /** The adapter, as a service would open it. Each is by itself, as in two services. */
  open(patience: Patience): Hypervisor;
  /** The adapter with credentials that the backend does not take; only with `credentials`. */
  openAsStranger?(patience: Patience): Hypervisor;
  /** Makes an instance; it is shut off. */
  instance(machine: string): Promise<Instance>;
  /** Ends the daemon and waits for the next one; instances go on. Only with `restarts`. */
  restart?(): Promise<void>;
  /** What the adapter keeps on the backend's host for drives that are attached, by name; unset: nothing. */
  kept?(): Promise<readonly string[]>;
}

/** One instance of a backend. It is shut off when it is made. */
export interface Instance extends AsyncDisposable {
  readonly id: string;
  /** Makes that drives can be given to it before its guest runs; nothing where a shut-off instance takes them. */
  stage(): Promise<void>;
  /** Switches it on, without waiting for its guest. */
  start(): Promise<void>;
  /** Waits until its guest runs. */
  booted(): Promise<void>;
  /** Switches it off as a power cut would. */
  powerOff(): Promise<void>;
  /** Waits until the guest has exactly these drives and reads exactly their bytes. */
  reads(...images: readonly SampleImage[]): Promise<void>;
  /** Lets the processor stand still; only with `pauses`. */
  pause?(): Promise<void>;
  resume?(): Promise<void>;
  /** Lets the guest mount its only drive; only with `mounts`. */
  mount?(): Promise<void>;
  unmount?(): Promise<void>;
  /** Stops what the adapter speaks to, by SIGSTOP, until it is disposed; only with `hangs`. */
  hang?(): Promise<AsyncDisposable>;
}

/** A backend as the suite is told of it, before anything is started. */
export interface BackendKind {
  /** The adapter's name. */
  readonly adapter: string;
  /** What tells it from others of the same adapter, such as `Debian 12`. */
  readonly where: string;
  readonly abilities: readonly Ability[];
  /** Kinds of machine, taken in turn. */
  readonly machines: readonly string[];
  /** Devices that its guests can read, taken in turn. */
  readonly forms: readonly DeviceForm[];
  /** Most drives that an instance of it can have; unset: more than any case gives it. */
  readonly drives?: number;
  /** Milliseconds that one turn of a case may take on a slow machine; unset: 90,000. */
  readonly turnMs?: number;
  start(): Promise<Backend>;
}
