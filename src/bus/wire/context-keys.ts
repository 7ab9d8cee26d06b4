import type { JsonObject } from "../json.js";

const prefix = "_context_";

/** Copies each top-level entry of a context into an inner message under `_context_<key>`, one level deep (wire §5.1). */
export function flattenContext(context: Readonly<JsonObject>, into: JsonObject): void {
  for (const [key, value] of Object.entries(context)) into[prefix + key] = value;
}

/** The context of an inner message: its `_context_*` entries under their own keys. */
export function contextOf(inner: Readonly<JsonObject>): JsonObject {
  const context: JsonObject = {};
  for (const key of Object.keys(inner)) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    // Assigning to __proto__ would change the object itself; a peer chooses these names.
    if (name !== "__proto__") context[name] = inner[key] ?? null;
  }
  return context;
}
