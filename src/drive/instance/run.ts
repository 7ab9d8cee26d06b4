import { toSpec } from "../content.js";
import { digestibleContent } from "../content-digest.js";
import type { ContentHold } from "../content-store.js";
import { checkElsewhere, gather, isInline } from "../gather.js";
import { Refusal } from "../refusal.js";
import type { Content } from "../spec.js";
import type { Call } from "../use-cases.js";
import { chooseHost } from "./choose-host.js";
import type { InstanceContext } from "./context.js";
import type { InstanceOperation } from "./instance.js";
import { type BegunCall, beginInstances, mutateInstances } from "./mutate.js";
import { planInstances } from "./plan.js";
import type { InstanceView, RunInstances } from "./use-cases.js";

/**
 * Makes instances, each with a drive of its own that is there at its first boot, and gives those that run. All that can be known
 * beforehand is refused before anything is placed. One commit then says what is to be, instances and drives alike; whatever hinders
 * it afterwards, a kill too, leaves as many as were asked for at least, or neither an instance nor a drive.
 * Refusals: INVALID_ARGUMENT, also for a template; those of content, devices and the hypervisor; HOST_UNKNOWN, HOST_UNREACHABLE,
 * LAUNCH_NOT_AVAILABLE, QUOTA_EXCEEDED.
 */
export async function runInstances(
  context: InstanceContext,
  request: RunInstances,
  call: Call,
): Promise<readonly InstanceView[]> {
  const { deps } = context;
  const { projectId } = call;
  const [minCount, maxCount] = countsOf(request);
  toSpec(request, deps.limits);
  const { content, ...rest } = request;
  const made = (reservationId: string) =>
    deps.catalog.instances.list({ projectId, reservationId, afterId: "", limit: maxCount });
  const asked = { method: "run", fields: { ...rest, ...digestibleContent(content) }, result: made };
  return await mutateInstances(context, asked, call, async (begun) => {
    const host = await chooseHost(deps, request.host);
    using hold = deps.contents.hold();
    const bytes = await gathered(context, request, begun, hold);
    const id = deps.newId();
    const planned = await planInstances(
      deps,
      host,
      { ...request, content: bytes },
      { projectId, reservationId: id, count: maxCount },
    );
    if (begun.validateOnly) return planned.map(({ instance }) => ({ ...instance, id: "", reservationId: "" }));
    const operation: InstanceOperation = {
      id,
      kind: "run",
      host,
      failure: undefined,
      minCount,
      graceMs: 0,
      request: { projectId, requestId: request.requestId },
      startedAt: deps.now(),
    };
    return await beginInstances(context, begun, operation, {
      instances: planned.map(({ instance }) => ({ instance, from: undefined })),
      drives: planned.map(({ drive }) => drive),
      quota: deps.limits.instances,
    });
  });
}

/** How many at least, and at most. Refusals: INVALID_ARGUMENT. */
function countsOf({ minCount, maxCount }: RunInstances): [least: number, most: number] {
  const least = minCount || 1;
  const most = maxCount || least;
  if (most >= least) return [least, most];
  const rule = `at least min_count, which is ${least}`;
  throw new Refusal("INVALID_ARGUMENT", `max_count: must be ${rule}, not ${most}`, {
    violations: [{ field: "max_count", rule }],
  });
}

/** The content with its bytes at hand, or at the place where `hold` keeps them. */
async function gathered(
  { deps }: InstanceContext,
  { content }: RunInstances,
  { request, signal, validateOnly }: BegunCall,
  hold: ContentHold,
): Promise<Content> {
  if (isInline(content)) return content;
  await checkElsewhere(deps, content, request.projectId);
  if (!validateOnly) return await gather(deps, hold, content, request.projectId, signal);
  const rule = "content that is elsewhere is not fetched to validate a run; leave it out, or give it inline";
  throw new Refusal("INVALID_ARGUMENT", `validate_only: ${rule}`, { violations: [{ field: "validate_only", rule }] });
}
