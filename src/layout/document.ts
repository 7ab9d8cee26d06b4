import { z } from "zod";
import { LayoutRefusal } from "./refusal.js";

/** A JSON value; a number that JavaScript cannot hold stands as the text it had. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What `JSON.rawJSON` and the source-text argument of a reviver look like (ECMA-262, 25.5). */
interface RawJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
const raw = JSON as unknown as RawJson;

/** Whether a value is a number kept as text. */
export function isKeptNumber(value: unknown): boolean {
  return raw.isRawJSON(value);
}

/**
 * Parses config data. Numbers that a double would change (beyond 2^53, or `1.0`) are kept as their text, so that the guest reads
 * what was given. Throws `LayoutRefusal` when it is not JSON.
 */
export function parseDocument(text: string): unknown {
  try {
    checkDepth(text);
    return raw.parse(text, (_key, value, { source }) =>
      typeof value === "number" && source !== undefined && String(value) !== source ? raw.rawJSON(source) : value,
    );
  } catch (error) {
    // The parser's own message quotes the text around the fault, which may be a secret.
    const place = /\(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : "")?.[0];
    const rule = error instanceof RangeError ? "is nested too deeply" : `must be JSON${place ? ` ${place}` : ""}`;
    throw new LayoutRefusal([{ path: "(the whole document)", rule }]);
  }
}

/** The deepest that arrays and objects may stand in one another; no reader's document comes near it. */
const MOST_DEPTH = 200;

function checkDepth(text: string): void {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      if (character === "\\") at++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > MOST_DEPTH) throw new RangeError(`deeper than ${MOST_DEPTH}`);
  }
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === "object" && Object.values(value).every(isJson);
}

function isObject(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isKeptNumber(value) && isJson(value);
}

/** A JSON value, kept without change. */
export const json: z.ZodType<Json> = z.custom<Json>(isJson, "must be a JSON value");

/** A JSON object, kept without change. */
export const jsonObject = z.custom<{ readonly [key: string]: Json }>(isObject, "must be a JSON object");

/** Text that UTF-8 can carry: a lone half of a surrogate pair has no UTF-8 form (RFC 3629, 3). */
export const text = z
  .string({ error: (issue) => (issue.input === undefined ? "is required and must be text" : "must be text") })
  .refine((value) => value.isWellFormed(), "must be well-formed Unicode: it holds half of a surrogate pair");

/** One line of text: no control characters. */
export const line = text.regex(/^\P{Cc}*$/u, "must be one line without control characters");

const NOT_BASE64 = "must be standard base64 with padding (RFC 4648, 4)";

/** Bytes in a JSON document: text (stored as UTF-8), or `{"base64": "…"}`. Gives the bytes. */
export const bytes = z
  .union([text, z.strictObject({ base64: z.base64(NOT_BASE64) })], {
    error: 'must be well-formed text, or {"base64": "…"}',
  })
  .transform((value) => (typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.base64, "base64")));

/** A rule that a key is none of those that have a field of their own: given twice, one of the two would be lost. */
export function notAmong(...known: readonly string[]): [(key: string) => boolean, string] {
  return [(key) => !known.includes(key), `must be none of ${known.join(", ")}, which are set by their own fields`];
}

/** A JSON object whose keys are none of those that have a field of their own. */
export function furtherKeys(...known: readonly string[]): z.ZodType<{ readonly [key: string]: Json }> {
  const [isFree, rule] = notAmong(...known);
  return jsonObject.refine((value) => Object.keys(value).every(isFree), rule);
}
