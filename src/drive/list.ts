import type { Dependencies } from "./dependencies.js";
import { Refusal } from "./refusal.js";
import type { Call, DrivePage, ListDrives } from "./use-cases.js";
import { untilAborted } from "./wait.js";

/**
 * Gives the drives of the caller's project by id, a page at a time. A drive that is there from the first page to the last is
 * given exactly once, whatever is made or deleted meanwhile.
 * Refusals: INVALID_ARGUMENT for a page size or token.
 */
export async function list(
  { catalog, limits }: Pick<Dependencies, "catalog" | "limits">,
  request: ListDrives,
  call: Call,
): Promise<DrivePage> {
  if (request.pageSize > limits.pageSizeMax) {
    throw invalid("page_size", `at most ${limits.pageSizeMax}, not ${request.pageSize}`);
  }
  const size = request.pageSize || limits.pageSize;
  const filter = {
    projectId: call.projectId,
    instanceId: request.instanceId || undefined,
    afterId: request.pageToken === "" ? "" : idOfToken(request.pageToken),
    limit: size + 1,
  };
  const found = await untilAborted(catalog.list(filter), call.signal);
  const drives = found.slice(0, size);
  const last = drives.at(-1);
  return { drives, nextPageToken: found.length > size && last !== undefined ? tokenOfId(last.id) : "" };
}

/** A token says after which drive the next page begins; callers must not read it. */
function tokenOfId(id: string): string {
  return Buffer.from(`after:${id}`).toString("base64url");
}

function idOfToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  const id = /^after:([0-9a-f-]{36})$/.exec(text)?.[1];
  if (id === undefined) throw invalid("page_token", "the next_page_token of an earlier answer");
  return id;
}

function invalid(field: string, rule: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `${field}: ${rule}`, { violations: [{ field, rule }] });
}
