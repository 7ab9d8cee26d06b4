import type { JsonObject } from "../json.js";
import { type JsonFormat, parseJson, writeJson } from "./json.js";
import { isJsonObject } from "./json-object.js";
import { UndecodableMessage } from "./undecodable.js";
import { isCompatible, parseVersion, type RpcVersion } from "./version.js";

const versionKey = "oslo.version";
const messageKey = "oslo.message";
const written: RpcVersion = { major: 2, minor: 0, revision: 0 };

/** What stands in the envelope before and behind the inner message. */
const opening = Buffer.from(`{"${versionKey}":"2.0","${messageKey}":"`);
const closing = Buffer.from('"}');

const quote = 0x22;
const backslash = 0x5c;

/**
 * Puts an inner message into the 2.0 envelope: JSON text inside a JSON string (wire §1), as UTF-8. In text that is JSON already only
 * quotes and backslashes are left to escape, and no byte of another character looks like one of them.
 */
export function wrap(inner: JsonObject, format: JsonFormat = {}): Buffer {
  const text = Buffer.from(writeJson(inner, format), "utf8");
  const body = Buffer.allocUnsafe(opening.length + 2 * text.length + closing.length);
  let end = opening.copy(body);
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at]!;
    if (byte === quote || byte === backslash) body[end++] = backslash;
    body[end++] = byte;
  }
  end += closing.copy(body, end);
  return body.subarray(0, end);
}

/**
 * The inner message of a body. An object without the two envelope keys is itself the inner message: the old form,
 * which the `messaging` notification driver still writes (wire §5.2).
 * @throws UndecodableMessage for any other JSON value, an envelope of another version, or text that is not JSON
 */
export function unwrap(body: string): JsonObject {
  const usual = usualMessage(body);
  if (usual !== undefined) return parseObject(usual, messageKey);
  const outer = parseObject(body, "the body");
  if (!Object.hasOwn(outer, versionKey) || !Object.hasOwn(outer, messageKey)) return outer;
  const version = outer[versionKey];
  const parsed = typeof version === "string" ? parseVersion(version) : undefined;
  if (parsed === undefined || !isCompatible(written, parsed)) {
    throw new UndecodableMessage(`${versionKey} is not one that 2.0 can read`);
  }
  const message = outer[messageKey];
  if (typeof message !== "string") throw new UndecodableMessage(`${messageKey} is not a string`);
  return parseObject(message, messageKey);
}

/** How peers begin an envelope; Python with spaces. */
const usualOpening = /^\{"oslo\.version": ?"2\.0", ?"oslo\.message": ?(?=")/;

/** The inner message where the envelope is as peers write it: two strings in this order, in which no number and no nesting can be. */
function usualMessage(body: string): string | undefined {
  const start = usualOpening.exec(body)?.[0].length;
  if (start === undefined || !body.endsWith('"}')) return undefined;
  try {
    return String(JSON.parse(body.slice(start, -1)));
  } catch {
    return undefined;
  }
}

function parseObject(text: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new UndecodableMessage(`${where} is ${error instanceof Error ? error.message : "not JSON"}`);
  }
  if (!isJsonObject(value)) throw new UndecodableMessage(`${where} is not a JSON object`);
  return value;
}
