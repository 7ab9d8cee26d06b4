import { readFileSync } from "node:fs";
import { isNativeError } from "node:util/types";
import { badConnection } from "./server-url.js";

/** A certificate or key that a connection URL names. Refusals: INVALID_ARGUMENT when it cannot be read. */
export function pemOf(options: ReadonlyMap<string, string>, name: string): string | undefined {
  const path = options.get(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const why = isNativeError(error) && "code" in error ? String(error.code) : "not a file";
    throw badConnection(`option ${name}: the file cannot be read (${why})`);
  }
}

/** A switch of a connection URL: `true`, `1`, `false`, `0`; unset is `undefined`. Refusals: INVALID_ARGUMENT. */
export function switchOf(options: ReadonlyMap<string, string>, name: string): boolean | undefined {
  const value = options.get(name)?.toLowerCase();
  if (value === undefined) return undefined;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw badConnection(`option ${name}: must be true or false`);
}
