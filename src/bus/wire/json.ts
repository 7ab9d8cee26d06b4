import type { Json } from "../json.js";
import { bracketsNestTooDeep, mayLoseDigits, mayNestTooDeep } from "./json-limits.js";
import { parseJsonLosslessly } from "./json-lossless.js";

/**
 * Parses JSON as Python's reader takes it: `NaN`, `Infinity` and `-Infinity` are numbers, and no integer loses a digit (wire §4). What nests so
 * deep that Python gives up is refused, so that whoever walks the value later need not fear for the stack.
 * Ordinary text goes through `JSON.parse`; only text that may hold such numbers pays for the slower reader.
 * @throws JsonSyntaxError
 */
export function parseJson(text: string): Json {
  if (mayLoseDigits(text) || (mayNestTooDeep(text) && bracketsNestTooDeep(text))) return parseJsonLosslessly(text);
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return parseJsonLosslessly(text);
  }
}

/** How a value is written. */
export interface JsonFormat {
  /** Escape everything beyond ASCII as `\uXXXX`, as Python does by default. Peers read either. */
  readonly asciiOnly?: boolean;
}

/**
 * Writes a value as JSON text: bigint as an integer, NaN and ±Infinity as null, `undefined` members left out.
 * @throws RangeError for a value nested deeper than the stack allows, TypeError for a cycle
 */
export function writeJson(value: unknown, format: JsonFormat = {}): string {
  const text = writeAnyNumber(value);
  return format.asciiOnly === true ? text.replace(/[\u0080-\uffff]/g, escapeCodeUnit) : text;
}

function writeAnyNumber(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    // A bigint is the one value that JSON.stringify refuses although the wire has a form for it.
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    return JSON.stringify(value, (_key, member: unknown) =>
      typeof member === "bigint" ? JSON.rawJSON(member.toString()) : member,
    );
  }
}

function escapeCodeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
