import { latin1 } from "../../input/integers.js";

const utf16be = new TextDecoder("utf-16be", { ignoreBOM: true });

/** A Joliet identifier as text, without the version number. */
export function jolietName(identifier: Uint8Array): string {
  return withoutVersion(utf16be.decode(identifier));
}

/** A plain ISO 9660 identifier as text: without the version number, and without the dot that ends a name with no extension. */
export function plainName(identifier: Uint8Array): string {
  const name = withoutVersion(latin1(identifier, 0, identifier.length));
  return name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name;
}

/** ECMA-119 7.5.1: `;` and the version number end a file identifier. */
function withoutVersion(name: string): string {
  const semicolon = name.lastIndexOf(";");
  return semicolon > 0 && /^\d+$/.test(name.slice(semicolon + 1)) ? name.slice(0, semicolon) : name;
}
