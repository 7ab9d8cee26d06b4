import { type Failure, failureOf } from "./failure.js";

/**
 * The failures that an RPC server itself answers. Callers tell them apart by class name, so class, module and wording are
 * part of the wire (wire §7).
 */
const dispatcher = "oslo_messaging.rpc.dispatcher";

/** No endpoint has the namespace and a compatible version. */
export function unsupportedVersion(version: string, method: string): Failure {
  const text = `Endpoint does not support RPC version ${version}. Attempted method: ${method}`;
  return failureOf(dispatcher, "UnsupportedVersion", text);
}

/** A compatible endpoint, but none that has the method or lets it be called. */
export function noSuchMethod(method: string): Failure {
  return failureOf(dispatcher, "NoSuchMethod", `Endpoint does not support RPC method ${method}`);
}

/** Arguments that do not fit the method. */
export function badArguments(text: string): Failure {
  return failureOf("builtins", "TypeError", text);
}
