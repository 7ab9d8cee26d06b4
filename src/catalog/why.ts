import { isNativeError } from "node:util/types";

/** What an error says, or its code where it says nothing, as Node's for a host with several addresses. */
export function whyOf(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  if (error.message !== "") return error.message;
  return "code" in error ? String(error.code) : error.name;
}
