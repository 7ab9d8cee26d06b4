import type { Json } from "../json.js";

/**
 * Whether Python takes a JSON value for true. Its peers test `_msg_id`, `_timeout`, `failure` and `ending` by truth,
 * so empty strings, arrays and objects count as absent (wire §6, §8).
 */
export function isTruthy(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === "") return false;
  if (typeof value === "number" || typeof value === "bigint") return value !== 0 && value !== 0n;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
