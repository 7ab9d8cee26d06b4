import type { MessageDescriptor } from "./descriptors.js";
import { encodeValue, type FieldWriter, type Json, writeMessage } from "./encode.js";

/** A message as a log may show it: fields that the contract marks `(secret)` say only how many bytes they hold. */
export function redactMessage(descriptor: MessageDescriptor, message: object): { [name: string]: Json } {
  return writeMessage(descriptor, message, redactValue);
}

const redactValue: FieldWriter = (field, value) => {
  if (!field.secret) return encodeValue(field, value);
  if (typeof value === "string" || value instanceof Uint8Array) return `[secret, ${Buffer.byteLength(value)} bytes]`;
  return "[secret]";
};
