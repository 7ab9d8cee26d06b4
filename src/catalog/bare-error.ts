import { isNativeError } from "node:util/types";

/**
 * An error of a driver, to be kept as a cause: what it says and where it was thrown, without the statement and the row. mysql2 keeps the
 * statement with its arguments written into it (`sql`), PostgreSQL tells of a row (`detail`): both may hold a drive's content, and a crash
 * prints every property.
 */
export function bareError(error: unknown): unknown {
  if (!isNativeError(error)) return error;
  const bare = new Error(error.message);
  bare.name = error.name;
  if (error.stack !== undefined) bare.stack = error.stack;
  return "code" in error ? Object.assign(bare, { code: error.code }) : bare;
}
