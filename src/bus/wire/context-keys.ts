import type { Json, JsonObject } from "../json.js";

const prefix = "_context_";

/** Copies each top-level entry of a context into an inner message under `_context_<key>`, one level deep (wire §5.1). */
export function flattenContext(context: Readonly<JsonObject>, into: JsonObject): void {
  for (const [key, value] of Object.entries(context)) into[prefix + key] = value;
}

/**
 * Takes the `_context_*` entries out of an inner message.
 * @returns the context under its own keys, and the rest of the message
 */
export function splitContext(inner: Readonly<JsonObject>): { context: JsonObject; rest: JsonObject } {
  const context: JsonObject = {};
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(inner)) {
    if (key.startsWith(prefix)) setOwn(context, key.slice(prefix.length), value);
    else setOwn(rest, key, value);
  }
  return { context, rest };
}

function setOwn(object: JsonObject, key: string, value: Json): void {
  // Assigning to __proto__ would change the object itself; a peer chooses these names.
  if (key === "__proto__") return;
  object[key] = value;
}
