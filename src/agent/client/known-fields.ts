import type { MessageDescriptor } from "#api/descriptors.js";

/**
 * An answer without what this version does not know: a newer agent may say more than was asked for. What is known is still
 * decoded strictly.
 */
export function knownFields(descriptor: MessageDescriptor, json: unknown): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return json;
  const known = [];
  for (const [name, value] of Object.entries(json)) {
    const field = descriptor.fields.get(name);
    if (field === undefined) continue;
    const { type } = field;
    if (typeof type !== "object" || type.kind !== "message") known.push([name, value]);
    else if (Array.isArray(value)) known.push([name, value.map((item: unknown) => knownFields(type, item))]);
    else known.push([name, knownFields(type, value)]);
  }
  return Object.fromEntries(known);
}
