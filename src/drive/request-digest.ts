import { createHash, type Hash } from "node:crypto";

/** A value that a request is made of. */
export type Digestible =
  | string
  | number
  | boolean
  | undefined
  | Uint8Array
  | readonly Digestible[]
  | { readonly [name: string]: Digestible };

/**
 * SHA-256 over what was asked, lower-case hexadecimal: equal for equal requests whatever the order of their fields, a field
 * that is unset being the same as one that is not there. Every part carries its type and length, so that no two requests
 * run into one.
 */
export function requestDigest(method: string, fields: { readonly [name: string]: Digestible }): string {
  const hash = createHash("sha256");
  feed(hash, method);
  feed(hash, fields);
  return hash.digest("hex");
}

function feed(hash: Hash, value: Digestible): void {
  if (value === undefined || typeof value === "number" || typeof value === "boolean") {
    hash.update(`${typeof value}:${value};`);
  } else if (typeof value === "string") {
    hash.update(`string:${Buffer.byteLength(value)}:`).update(value);
  } else if (value instanceof Uint8Array) {
    hash.update(`bytes:${value.length}:`).update(value);
  } else if (isList(value)) {
    hash.update(`list:${value.length};`);
    for (const member of value) feed(hash, member);
  } else {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    hash.update(`record:${members.length};`);
    for (const [name, member] of members) {
      feed(hash, name);
      feed(hash, member);
    }
  }
}

function isList(
  value: readonly Digestible[] | { readonly [name: string]: Digestible },
): value is readonly Digestible[] {
  return Array.isArray(value);
}
