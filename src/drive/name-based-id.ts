import { createHash } from "node:crypto";

/**
 * An id that follows from a name in a namespace, itself a UUID: version 5, RFC 9562, 5.5. Whoever forms it again means the same.
 */
export function nameBasedId(namespace: string, name: string): string {
  const digest = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString("hex", 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether an id was formed from a name, so that it may come again after what had it is gone. */
export function isNameBased(id: string): boolean {
  return id.charAt(14) === "5";
}
