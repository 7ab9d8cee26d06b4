import type { Dependencies } from "./dependencies.js";
import { idOfToken, pageSizeOf, tokenOfId } from "./page.js";
import type { Call, DrivePage, ListDrives } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Gives the drives of the caller's project by id, a page at a time. A drive that is there from the first page to the last is
 * given exactly once, whatever is made or deleted meanwhile.
 * With filters, it is given that passes them all, and a token is a place alone: what is asked with it need not be what gave it.
 * Refusals: INVALID_ARGUMENT for a page size or token.
 */
export async function list(
  { catalog, limits }: Pick<Dependencies, "catalog" | "limits">,
  request: ListDrives,
  call: Call,
): Promise<DrivePage> {
  const size = pageSizeOf(request.pageSize, limits);
  const filter = {
    projectId: call.projectId,
    instanceId: request.instanceId || undefined,
    host: request.host || undefined,
    attached: request.attached,
    afterId: idOfToken(request.pageToken),
    limit: size + 1,
  };
  const found = await untilAborted(catalog.list(filter), call.signal);
  const drives = found.slice(0, size);
  const last = drives.at(-1);
  return { drives, nextPageToken: found.length > size && last !== undefined ? tokenOfId(last.id) : "" };
}
