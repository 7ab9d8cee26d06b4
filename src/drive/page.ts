import type { Limits } from "./limits.js";
import { Refusal } from "./refusal.js";

/** How many a page holds. Refusals: INVALID_ARGUMENT for more than the limit. */
export function pageSizeOf(asked: number, { pageSize, pageSizeMax }: Pick<Limits, "pageSize" | "pageSizeMax">): number {
  if (asked > pageSizeMax) throw invalid("page_size", `at most ${pageSizeMax}, not ${asked}`);
  return asked || pageSize;
}

/** A token says after which id the next page begins; callers must not read it. */
export function tokenOfId(id: string): string {
  return Buffer.from(`after:${id}`).toString("base64url");
}

/** The id in a token; empty for the first page. Refusals: INVALID_ARGUMENT for what is no token. */
export function idOfToken(token: string): string {
  if (token === "") return "";
  const text = Buffer.from(token, "base64url").toString();
  const id = /^after:([0-9a-f-]{36})$/.exec(text)?.[1];
  if (id === undefined) throw invalid("page_token", "the next_page_token of an earlier answer");
  return id;
}

function invalid(field: string, rule: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `${field}: ${rule}`, { violations: [{ field, rule }] });
}
