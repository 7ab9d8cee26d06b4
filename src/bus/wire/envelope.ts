import type { JsonObject } from "../json.js";
import { type JsonFormat, parseJson, writeJson } from "./json.js";
import { isJsonObject } from "./json-object.js";
import { UndecodableMessage } from "./undecodable.js";
import { isCompatible, parseVersion, type RpcVersion } from "./version.js";

const versionKey = "oslo.version";
const messageKey = "oslo.message";
const written: RpcVersion = { major: 2, minor: 0, revision: 0 };

/** Puts an inner message into the 2.0 envelope: JSON text inside a JSON string (wire §1). */
export function wrap(inner: JsonObject, format: JsonFormat = {}): string {
  return writeJson({ [versionKey]: "2.0", [messageKey]: writeJson(inner, format) }, format);
}

/**
 * The inner message of a body. An object without the two envelope keys is itself the inner message: the old form,
 * which the `messaging` notification driver still writes (wire §5.2).
 * @throws UndecodableMessage for any other JSON value, an envelope of another version, or text that is not JSON
 */
export function unwrap(body: string): JsonObject {
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
