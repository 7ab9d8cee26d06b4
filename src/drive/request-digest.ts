import { createHash } from "node:crypto";

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
  const hash = new Feed();
  hash.take(method);
  hash.take(fields);
  return hash.digest();
}

/** Gathers text between bytes, for each update costs more than what is short. */
class Feed {
  readonly #hash = createHash("sha256");
  #text = "";

  take(value: Digestible): void {
    if (value === undefined || typeof value === "number" || typeof value === "boolean") {
      this.#text += `${typeof value}:${value};`;
    } else if (typeof value === "string") {
      this.#text += `string:${Buffer.byteLength(value)}:${value}`;
    } else if (value instanceof Uint8Array) {
      this.#hash.update(`${this.#text}bytes:${value.length}:`).update(value);
      this.#text = "";
    } else if (isList(value)) {
      this.#text += `list:${value.length};`;
      for (const member of value) this.take(member);
    } else {
      const names = Object.keys(value).filter((name) => value[name] !== undefined);
      this.#text += `record:${names.length};`;
      for (const name of names.sort()) {
        this.take(name);
        this.take(value[name]);
      }
    }
  }

  digest(): string {
    return this.#hash.update(this.#text).digest("hex");
  }
}

function isList(
  value: readonly Digestible[] | { readonly [name: string]: Digestible },
): value is readonly Digestible[] {
  return Array.isArray(value);
}
