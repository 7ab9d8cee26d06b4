import type { Dependencies } from "../dependencies.js";
import type { Request } from "../operation.js";
import { Refusal } from "../refusal.js";
import { type Digestible, requestDigest } from "../request-digest.js";
import { requestIdReused } from "../running.js";
import type { Call, Mutation } from "../use-cases.js";
import { untilAborted } from "../wait.js";
import { carryOutInstances } from "./carry-out.js";
import type { InstanceContext } from "./context.js";
import type { Instance, InstanceOperation, InstanceWork } from "./instance.js";
import type { InstanceOpening } from "./instance-catalog.js";
import type { InstanceView } from "./use-cases.js";
import { viewsOf } from "./view.js";

/** A guest that ends by itself is written down once; more than that are others' operations, one after the other. */
const MOST_TRIES = 3;

/** A mutating call as its use case sees it, once it is known to be neither running nor done. */
export interface BegunCall {
  readonly request: Omit<Request, "driveId">;
  readonly etag: string;
  readonly validateOnly: boolean;
  /** Ends when the service stops. The caller's own signal ends only its wait. */
  readonly signal: AbortSignal;
}

/** What a mutating call about instances is, apart from its work. */
interface Asked {
  readonly method: string;
  readonly fields: Mutation & { readonly [name: string]: Digestible };
  /** The instances that it is about, once the operation with this id is done. */
  readonly result: (operationId: string) => Promise<readonly Instance[]>;
}

/**
 * The rules that every mutating call about instances shares, those of drives (`../mutate.ts`): the same request again joins the one that runs, or
 * gives the instances as they are after it; another request under the id is refused; one that failed left nothing and is tried again.
 * Refusals: SHUTTING_DOWN, REQUEST_ID_REUSED, INSTANCE_BUSY, DEADLINE_EXCEEDED, CANCELLED, and those of the work.
 */
export async function mutateInstances(
  context: InstanceContext,
  { method, fields, result }: Asked,
  call: Call,
  work: (begun: BegunCall) => Promise<readonly Instance[]>,
): Promise<readonly InstanceView[]> {
  const { deps, instances } = context;
  const { requestId, etag = "", validateOnly = false, ...asked } = fields;
  const digest = requestDigest(method, { ...asked, etag, validateOnly });
  const request = { projectId: call.projectId, requestId, method, digest, seenAt: deps.now() };
  const outcome = instances.request(request, digest, async () => {
    const seen = await deps.catalog.request(request);
    if (seen !== undefined && seen.digest !== digest) throw requestIdReused(requestId);
    if (seen === undefined || seen.state === "FAILED") {
      return await work({ request, etag, validateOnly, signal: instances.stop });
    }
    if (seen.state === "OPEN") await joined(context, seen.driveId);
    return await result(seen.driveId);
  });
  return await untilAborted(
    outcome.then((made) => viewsOf(deps, made)),
    call.signal,
  );
}

/**
 * Waits for an operation that is open, and goes on with it where nobody does: an earlier process began it, or its host was away.
 * Refusals: INSTANCE_BUSY where another service has it, and the operation's own.
 */
async function joined(context: InstanceContext, operationId: string): Promise<void> {
  const { deps, instances } = context;
  const end = instances.endOf(operationId);
  if (end !== undefined) return void (await end);
  const work = await deps.catalog.instances.work(operationId);
  if (work === undefined) return;
  await instances.operation(operationId, async () =>
    carryOutInstances(context, await deps.catalog.instances.takeOver(work), instances.stop),
  );
}

/** Opens an operation and carries it out. The request's row names it, where a drive's request names the drive. */
export async function beginInstances(
  context: InstanceContext,
  begun: BegunCall,
  operation: InstanceOperation,
  opening: Pick<InstanceOpening, "instances" | "drives" | "quota">,
): Promise<readonly Instance[]> {
  const { deps, instances } = context;
  const request = { ...begun.request, driveId: operation.id };
  return await instances.operation(operation.id, async () =>
    carryOutInstances(context, await open(deps, begun.etag, { ...opening, request, operation }), instances.stop),
  );
}

/**
 * Opens an operation, again where somebody wrote down meanwhile that a guest ended by itself: a caller who named no etag asked for the
 * instance as it is. Refusals: INSTANCE_BUSY where another operation came first.
 */
async function open({ catalog }: Dependencies, etag: string, opening: InstanceOpening): Promise<InstanceWork> {
  for (let tries = 1; ; tries++) {
    try {
      return await catalog.instances.open(opening);
    } catch (error) {
      const isBusy = error instanceof Refusal && error.reason === "INSTANCE_BUSY";
      if (!isBusy || etag !== "" || tries === MOST_TRIES) throw error;
      const instances: InstanceOpening["instances"][number][] = [];
      for (const { instance } of opening.instances) {
        const from = await catalog.instances.find(instance.id);
        if (from === undefined || from.operationId !== undefined) throw error;
        instances.push({ instance, from });
      }
      opening = { ...opening, instances };
    }
  }
}
