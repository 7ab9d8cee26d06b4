import type { Json, JsonObject } from "../json.js";
import { isJsonObject } from "../wire/json-object.js";

/** A payload that says what it is: the form of oslo.versionedobjects without the list of changes (wire §12, §13). */
export interface VersionedPayload {
  readonly name: string;
  readonly namespace: string;
  /** `major.minor`: a minor adds fields, a major changes them. */
  readonly version: string;
  readonly data: Readonly<JsonObject>;
}

/** Writes it; `prefix` is the service's own, such as `nova_object`. Payloads in the data are written before they are put there. */
export function encodeVersionedPayload(prefix: string, payload: VersionedPayload): JsonObject {
  return {
    [`${prefix}.name`]: payload.name,
    [`${prefix}.namespace`]: payload.namespace,
    [`${prefix}.version`]: payload.version,
    [`${prefix}.data`]: payload.data,
  };
}

/** Reads it; undefined where the value is no such payload. */
export function decodeVersionedPayload(prefix: string, value: Json): VersionedPayload | undefined {
  if (!isJsonObject(value)) return undefined;
  const name = value[`${prefix}.name`];
  const namespace = value[`${prefix}.namespace`];
  const version = value[`${prefix}.version`];
  const data = value[`${prefix}.data`];
  if (typeof name !== "string" || typeof namespace !== "string" || typeof version !== "string") return undefined;
  return isJsonObject(data) ? { name, namespace, version, data } : undefined;
}
