import type { JsonObject } from "../json.js";
import { type Failure, failureOf } from "../wire/failure.js";
import { isJsonObject } from "../wire/json-object.js";
import { isTruthy } from "../wire/python-truth.js";
import type { IncomingRequest as WireRequest } from "../wire/request.js";
import { badArguments, unsupportedVersion } from "../wire/rpc-failures.js";
import { parseVersion } from "../wire/version.js";

/** What a well-formed request names. */
export interface Wanted {
  readonly method: string;
  readonly namespace: string | undefined;
  readonly version: string;
  readonly args: JsonObject;
}

/** A request without a version is for 1.0 (wire §5.1). */
const VERSION_WHEN_ABSENT = "1.0";

/** What the request asks for, or the failure that a Python server answers when a key has the wrong type (wire §5.1, §5.5). */
export function readRequest({ method, namespace, version, args }: WireRequest): Wanted | Failure {
  if (typeof method !== "string") return badArguments("method must be a string");
  const wantedVersion = version === undefined ? VERSION_WHEN_ABSENT : version;
  if (wantedVersion === null) return unsupportedVersion("None", method);
  if (typeof wantedVersion !== "string") return badArguments("version must be a string");
  if (parseVersion(wantedVersion) === undefined) {
    const exception = wantedVersion.includes(".") ? "ValueError" : "IndexError";
    return failureOf("builtins", exception, "version must be major.minor");
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    return unsupportedVersion(wantedVersion, method);
  }
  if (args !== undefined && !isJsonObject(args)) {
    return failureOf("builtins", "AttributeError", "args must be an object of keyword arguments");
  }
  return { method, namespace: namespace ?? undefined, version: wantedVersion, args: args ?? {} };
}

/** Whether somebody waits for a reply: Python looks at the truth of `_msg_id` (wire §5.1). */
export function isCall(request: WireRequest): boolean {
  return isTruthy(request.msgId);
}
