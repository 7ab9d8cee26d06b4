import { decodeBase64 } from "./base64.js";
import type { FieldDescriptor, ScalarType } from "./descriptors.js";
import { decodeTimestamp } from "./timestamp.js";
import { kindOf, shown, type Violations } from "./violations.js";

type Range = readonly [least: bigint, most: bigint];

const INT32: Range = [-(2n ** 31n), 2n ** 31n - 1n];
const UINT32: Range = [0n, 2n ** 32n - 1n];
const INT64: Range = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT64: Range = [0n, 2n ** 64n - 1n];

/** What each integer type can hold, and whether TypeScript has it as a bigint. */
const INTEGERS: Partial<Record<ScalarType, { range: Range; wide: boolean }>> = {
  int32: { range: INT32, wide: false },
  sint32: { range: INT32, wide: false },
  sfixed32: { range: INT32, wide: false },
  uint32: { range: UINT32, wide: false },
  fixed32: { range: UINT32, wide: false },
  int64: { range: INT64, wide: true },
  sint64: { range: INT64, wide: true },
  sfixed64: { range: INT64, wide: true },
  uint64: { range: UINT64, wide: true },
  fixed64: { range: UINT64, wide: true },
};

/** One value that is not a message, from its proto3 JSON form; `undefined` when it broke a rule that was then noted. */
export function decodeScalar(field: FieldDescriptor, json: unknown, violations: Violations): unknown {
  const { type, secret } = field;
  const mismatch = (wanted: string) => violations.add(`must be ${wanted} (got ${kindOf(json)})`, "mismatch");
  if (type === "timestamp") {
    return typeof json === "string" ? decodeTimestamp(json, violations) : mismatch("a string, an RFC 3339 time");
  }
  if (typeof type === "object") return decodeEnumValue(field, json, violations);
  if (type === "bool") return typeof json === "boolean" ? json : mismatch("true or false");
  if (type === "string") {
    if (typeof json !== "string") return mismatch("a string");
    return json.isWellFormed() ? json : violations.add("must be well-formed Unicode: it holds half a surrogate pair");
  }
  if (type === "bytes") {
    if (typeof json !== "string") return mismatch("a base64 string");
    return decodeBase64(json) ?? violations.add("must be standard base64 with padding (RFC 4648, 4)");
  }
  const { range, wide } = INTEGERS[type]!;
  const value = integerOf(json, wide);
  if (value === undefined) return mismatch("an integer");
  if (value === "inexact") {
    return violations.add(`must be exact: beyond 2^53 send an integer or a decimal string (${shown(json, secret)})`);
  }
  if (value < range[0] || value > range[1]) {
    return violations.add(`must be from ${range[0]} to ${range[1]} (${shown(value, secret)})`);
  }
  return wide ? value : Number(value);
}

/** 64-bit integers may also come as decimal strings, as proto3 JSON writes them. */
function integerOf(json: unknown, wide: boolean): bigint | "inexact" | undefined {
  if (typeof json === "bigint") return json;
  if (typeof json === "number" && Number.isInteger(json)) return Number.isSafeInteger(json) ? BigInt(json) : "inexact";
  if (wide && typeof json === "string" && /^-?(0|[1-9]\d{0,19})$/.test(json)) return BigInt(json);
  return undefined;
}

function decodeEnumValue(field: FieldDescriptor, json: unknown, violations: Violations): number | undefined {
  const { type, secret } = field;
  if (typeof type !== "object" || type.kind !== "enum") throw new Error(`${field.name} is no enum`);
  if (typeof json !== "string" && typeof json !== "number") {
    return violations.add(`must be the name of a ${type.name} (got ${kindOf(json)})`, "mismatch");
  }
  const number = typeof json === "string" ? type.numberOf.get(json) : json;
  if (number !== undefined && type.nameOf.has(number)) return number;
  return violations.add(`must be one of ${[...type.numberOf.keys()].join(", ")} (${shown(json, secret)})`);
}
