import type { FieldDescriptor, MessageDescriptor } from "./descriptors.js";
import { encodeTimestamp } from "./timestamp.js";

/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Writes one field of a message; `undefined` leaves it out. */
export type FieldWriter = (field: FieldDescriptor, value: unknown) => Json | undefined;

/** Whether a field is written at all. */
export type FieldChoice = (field: FieldDescriptor) => boolean;

/**
 * The proto3 JSON form of a message with the contract's own snake_case names. Fields without presence are always written,
 * so that a caller can rely on them; enums by name, bytes in base64, 64-bit integers as numbers below 2^53 and as decimal
 * strings from there on.
 * @param keeps - the fields to write, for a peer that does not know them all; all, if not given
 */
export function encodeMessage(descriptor: MessageDescriptor, message: object, keeps?: FieldChoice) {
  return writeMessage(descriptor, message, encodeValue, keeps);
}

/** Walks a message and writes every value that is not a message itself with `write`. */
export function writeMessage(
  descriptor: MessageDescriptor,
  message: object,
  write: FieldWriter,
  keeps?: FieldChoice,
): { [name: string]: Json } {
  const json: { [name: string]: Json } = {};
  for (const field of descriptor.fields.values()) {
    if (keeps?.(field) === false) continue;
    const value = memberOf(message, field);
    if (value === undefined) continue;
    const written = field.repeated ? writeList(field, value, write, keeps) : writeValue(field, value, write, keeps);
    if (written !== undefined) json[field.name] = written;
  }
  return json;
}

/** The value of a field in a message of ts-proto's shape; `undefined` when it is not given. */
export function memberOf(message: object, field: FieldDescriptor): unknown {
  if (field.oneof === undefined) return Reflect.get(message, field.property);
  const member: unknown = Reflect.get(message, field.oneof);
  if (typeof member !== "object" || member === null || Reflect.get(member, "$case") !== field.property)
    return undefined;
  return Reflect.get(member, "value");
}

function writeList(field: FieldDescriptor, value: unknown, write: FieldWriter, keeps?: FieldChoice): Json[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.map((item) => writeValue(field, item, write, keeps)).filter((item) => item !== undefined);
}

function writeValue(field: FieldDescriptor, value: unknown, write: FieldWriter, keeps?: FieldChoice): Json | undefined {
  const { type } = field;
  if (typeof type === "object" && type.kind === "message" && typeof value === "object" && value !== null) {
    return writeMessage(type, value, write, keeps);
  }
  return write(field, value);
}

/** One value that is not a message. */
export const encodeValue: FieldWriter = (field, value) => {
  const { type } = field;
  if (typeof type === "object" && type.kind === "enum" && typeof value === "number") {
    return type.nameOf.get(value) ?? value;
  }
  if (value instanceof Date) return encodeTimestamp(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
  if (typeof value === "bigint") {
    return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER ? String(value) : Number(value);
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new Error(`${field.name}: ${typeof value} has no JSON form`);
};
