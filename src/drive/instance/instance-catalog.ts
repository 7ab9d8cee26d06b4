import type { DriveOpening } from "../catalog.js";
import type { Request } from "../operation.js";
import type { Reason } from "../refusal.js";
import type { Instance, InstanceOperation, InstanceRecord, InstanceWork } from "./instance.js";

/** Everything that a call about instances commits before it acts. */
export interface InstanceOpening {
  readonly request: Request;
  readonly operation: InstanceOperation;
  /** The instances as they are to be while it is under way, each with the record that was made from; `undefined` for a new one. */
  readonly instances: readonly { readonly instance: Instance; readonly from: InstanceRecord | undefined }[];
  /** Drives that come into being with them. */
  readonly drives: readonly DriveOpening[];
  /** Most instances that the project may have after it; unset where none is added. */
  readonly quota?: number;
}

export interface InstanceFilter {
  readonly projectId: string;
  /** Only those that were asked for together; all if empty. */
  readonly reservationId: string;
  /** Only instances with a greater id. */
  readonly afterId: string;
  readonly limit: number;
}

/**
 * Where instances and the operations on them are remembered, beside the drives: the rules of `Catalog` hold here too. Each method is
 * one transaction. Refusals: CATALOG_FAILED on every method; INSTANCE_BUSY where a record is out of date.
 */
export interface InstanceCatalog {
  find(instanceId: string): Promise<InstanceRecord | undefined>;
  /** Instances by id, ascending. */
  list(filter: InstanceFilter): Promise<readonly Instance[]>;
  /** The ids of the drives that each of these instances has, ascending. */
  drivesOf(instanceIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Sets the desired states and opens the operation, with the drives. REQUEST_ID_REUSED as in `Catalog.open`; QUOTA_EXCEEDED. */
  open(opening: InstanceOpening): Promise<InstanceWork>;
  /** The open operation with this id, if it is still open. */
  work(operationId: string): Promise<InstanceWork | undefined>;
  /** Every open operation that this service may carry out: its own, and those of services that are dead. */
  underWay(): Promise<readonly InstanceWork[]>;
  /**
   * Makes an open operation this service's own, and its instances newer, so that commands of the one that had it come too late.
   * INSTANCE_BUSY when a living service has it, or took it first.
   */
  takeOver(work: InstanceWork): Promise<InstanceWork>;
  /** Turns an open operation round, because of a step that was refused; its instances are newer after it. */
  turnBack(work: InstanceWork, failure: Reason): Promise<InstanceWork>;
  /** Ends the operation: its request becomes DONE or FAILED, the instances are as given, and those that are not given are gone. */
  close(work: InstanceWork, instances: readonly Instance[], state: "DONE" | "FAILED"): Promise<readonly Instance[]>;
  /** Writes what was seen of an instance with nothing under way; out of date, nothing is written. */
  note(from: InstanceRecord, instance: Instance): Promise<void>;
  /** How many instances there are on each host that has any. */
  countByHost(): Promise<ReadonlyMap<string, number>>;
  /** Instances that are to be running on a host, with no operation open, by id from after one on. */
  running(host: string, afterId: string, limit: number): Promise<readonly InstanceRecord[]>;
}
