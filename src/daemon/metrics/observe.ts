import { errorFor } from "#api/error-for.js";
import type { CatalogTally } from "#drive/catalog.js";
import type { OperationReport } from "#drive/dependencies.js";
import type { HostState, HostView } from "#drive/hosts.js";
import type { FinishedCall } from "../call-log.js";
import type { Instruments } from "./instruments.js";

/**
 * Begins the counts of what alerts look for at 0: an increase is seen only from a number that was there before.
 * @param methods - by the names that the doors have for them
 */
export function beginAtZero({ calls, builds }: Instruments, door: "bus" | "grpc", methods: Iterable<string>): void {
  for (const result of ["done", "failed"]) builds.inc({ result }, 0);
  for (const method of methods) calls.inc({ door, method, status: "INTERNAL" }, 0);
}

/** Counts a call that is over, by what it was answered. */
export function countCall(
  { calls, callSeconds, rateLimited }: Instruments,
  { door, method, milliseconds, error }: FinishedCall,
): void {
  const answer = error === undefined ? undefined : errorFor(error);
  const status = answer === undefined ? "OK" : answer.row.status;
  calls.inc({ door, method, status });
  callSeconds.observe({ door, method }, milliseconds / 1000);
  if (answer?.reason === "RATE_LIMITED") rateLimited.inc({ door, rate: answer.metadata.rate ?? "" });
}

/** Counts an operation that ended, or is left for later. */
export function countOperation(instruments: Instruments, { kind, outcome, milliseconds }: OperationReport): void {
  instruments.operations.inc({ kind, outcome });
  instruments.operationSeconds.observe({ kind }, milliseconds / 1000);
}

/** Sets what the catalog holds. A kind of operation that none is open of any more is 0, as long as the process has seen it. */
export function showTally(
  instruments: Instruments,
  { drives, pendingGenerations, openOperations }: CatalogTally,
  now: Date,
): void {
  instruments.drives.set(drives);
  instruments.pending.set(pendingGenerations);
  instruments.openOperations.reset();
  for (const { kind, count } of openOperations) instruments.openOperations.set({ kind }, count);
  const oldest = Math.min(...openOperations.map(({ oldestStartedAt }) => oldestStartedAt.getTime()));
  instruments.oldestOperation.set(openOperations.length === 0 ? 0 : Math.max(0, (now.getTime() - oldest) / 1000));
}

const HOST_STATES: readonly HostState[] = ["PRESENT", "AWAY", "AMBIGUOUS", "LOST"];

/** Sets how many hosts are in which state. */
export function showHosts({ hosts }: Instruments, views: readonly Pick<HostView, "state">[]): void {
  for (const state of HOST_STATES) {
    hosts.set({ state: state.toLowerCase() }, views.filter((view) => view.state === state).length);
  }
}
