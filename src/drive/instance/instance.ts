import type { Reason } from "../refusal.js";

export type InstanceState = "STARTING" | "RUNNING" | "STOPPING" | "STOPPED" | "TERMINATING";

/** An instance that this service runs, as the catalog remembers it. */
export interface Instance {
  /** A UUID; the hypervisor knows the instance by it. */
  readonly id: string;
  readonly projectId: string;
  /** The instances that were asked for together have one in common: the id of the operation that made them. */
  readonly reservationId: string;
  readonly name: string;
  readonly host: string;
  /** Its place among those that were asked for together, from 0 on. */
  readonly launchIndex: number;
  readonly state: InstanceState;
  /** What the hypervisor makes it of, as the caller gave it. May hold secrets. */
  readonly template: string;
  /** Counts the writes; 0 before the first. Whoever writes must have seen the newest one. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type InstanceOperationKind = "run" | "start" | "stop" | "terminate";

/**
 * One call about instances under way. What it has to do stands in its kind and in their states; this row says who asked and
 * whether it goes on or back, and keeps every other call away from its instances.
 */
export interface InstanceOperation {
  readonly id: string;
  readonly kind: InstanceOperationKind;
  readonly host: string;
  /** Why a step was refused: from then on it goes back to what was before. `undefined` while it goes on. */
  readonly failure: Reason | undefined;
  /** Of `run`: with fewer than these there is to be none. 0 otherwise. */
  readonly minCount: number;
  /** Of `stop`: how long the guest may take to shut down by itself, in milliseconds. 0 otherwise. */
  readonly graceMs: number;
  readonly request: { readonly projectId: string; readonly requestId: string };
  readonly startedAt: Date;
}

/** An instance as it was read, which a later write must present. */
export interface InstanceRecord {
  readonly instance: Instance;
  /** The operation under way, by its id; at most one an instance. */
  readonly operationId: string | undefined;
}

/** An open operation and its instances, by launch index: what a carrier goes on from. */
export interface InstanceWork {
  readonly operation: InstanceOperation;
  readonly instances: readonly Instance[];
}

/** Names the state that an instance is in: another one after every change (RFC 9110, 8.8.3). */
export function instanceEtag(instance: Instance): string {
  return String(instance.revision);
}
