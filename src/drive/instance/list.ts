import type { Dependencies } from "../dependencies.js";
import { idOfToken, pageSizeOf, tokenOfId } from "../page.js";
import type { Call } from "../use-cases.js";
import { untilAborted } from "../wait.js";
import type { InstancePage, ListInstances } from "./use-cases.js";
import { viewsOf } from "./view.js";

/**
 * Gives the instances of the caller's project by id, a page at a time. One that is there from the first page to the last is given
 * exactly once. Refusals: INVALID_ARGUMENT for a page size or token.
 */
export async function listInstances(
  deps: Pick<Dependencies, "catalog" | "limits">,
  { reservationId, pageSize, pageToken }: ListInstances,
  call: Call,
): Promise<InstancePage> {
  const size = pageSizeOf(pageSize, deps.limits);
  const filter = { projectId: call.projectId, reservationId, afterId: idOfToken(pageToken), limit: size + 1 };
  const found = await untilAborted(deps.catalog.instances.list(filter), call.signal);
  const instances = found.slice(0, size);
  const last = instances.at(-1);
  return {
    instances: await untilAborted(viewsOf(deps, instances), call.signal),
    nextPageToken: found.length > size && last !== undefined ? tokenOfId(last.id) : "",
  };
}
