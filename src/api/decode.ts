import { decodeScalar } from "./decode-scalar.js";
import type { FieldDescriptor, MessageDescriptor } from "./descriptors.js";
import { kindOf, Violations } from "./violations.js";

/** An unknown name is the caller's text: an error shows no more of it. */
const MOST_SHOWN_OF_A_NAME = 64;

/**
 * A message from its proto3 JSON form with the contract's own snake_case names, strictly: what the contract does not
 * name, or names otherwise, is refused. `null` is the same as not given. Limits are checked apart (`limits.ts`).
 *
 * `T` must be the TypeScript that is generated for the descriptor's message: both come from the same .proto file, and the
 * tests hold them together.
 * @throws Refusal INVALID_ARGUMENT, ARGUMENTS_MISMATCH, naming every field that is wrong
 */
export function decodeMessage<T extends object>(descriptor: MessageDescriptor, json: unknown): T {
  const violations = new Violations();
  const message = decode(descriptor, json, violations);
  violations.throwIfAny();
  return message as T;
}

function decode(descriptor: MessageDescriptor, json: unknown, violations: Violations): object {
  const message = emptyMessage(descriptor);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    violations.add(`must be an object (got ${kindOf(json)})`, "mismatch");
    return message;
  }
  for (const [name, value] of Object.entries(json)) {
    const field = descriptor.fields.get(name);
    violations.enter(field?.name ?? name.slice(0, MOST_SHOWN_OF_A_NAME).toWellFormed());
    if (field === undefined) {
      violations.add(`is unknown; ${descriptor.name} has ${[...descriptor.fields.keys()].join(", ")}`, "mismatch");
    } else if (value !== null) {
      setField(message, field, decodeField(field, value, violations), violations);
    }
    violations.leave();
  }
  return message;
}

function setField(message: Record<string, unknown>, field: FieldDescriptor, value: unknown, violations: Violations) {
  if (field.oneof === undefined) {
    message[field.property] = value;
  } else if (message[field.oneof] === undefined) {
    message[field.oneof] = { $case: field.property, value };
  } else {
    violations.add("excludes another member of the same oneof that is given too");
  }
}

function decodeField(field: FieldDescriptor, json: unknown, violations: Violations): unknown {
  if (!field.repeated) return decodeValue(field, json, violations);
  if (!Array.isArray(json)) return violations.add(`must be an array (got ${kindOf(json)})`, "mismatch");
  const { maxItems } = field.limit;
  // Said here too, so that a list that is far too long costs nothing.
  if (maxItems !== undefined && json.length > maxItems) {
    return violations.add(`must have at most ${maxItems} members (got ${json.length})`);
  }
  return json.map((item: unknown, index) => {
    violations.enter(index);
    const value = decodeValue(field, item, violations);
    violations.leave();
    return value;
  });
}

function decodeValue(field: FieldDescriptor, json: unknown, violations: Violations): unknown {
  const { type } = field;
  if (typeof type === "object" && type.kind === "message") return decode(type, json, violations);
  return decodeScalar(field, json, violations);
}

interface Empty {
  readonly message: Readonly<Record<string, unknown>>;
  readonly lists: readonly string[];
}

const empties = new WeakMap<MessageDescriptor, Empty>();

/** The message with nothing given, as ts-proto makes it. */
function emptyMessage(descriptor: MessageDescriptor): Record<string, unknown> {
  let empty = empties.get(descriptor);
  if (empty === undefined) {
    const fields = [...descriptor.fields.values()];
    const message = Object.fromEntries(fields.map((field) => [field.oneof ?? field.property, emptyValue(field)]));
    empty = { message, lists: fields.filter(({ repeated }) => repeated).map(({ property }) => property) };
    empties.set(descriptor, empty);
  }
  const message = { ...empty.message };
  for (const list of empty.lists) message[list] = [];
  return message;
}

function emptyValue({ repeated, presence, type }: FieldDescriptor): unknown {
  if (repeated) return [];
  if (presence) return undefined;
  if (type === "string") return "";
  if (type === "bool") return false;
  if (type === "bytes") return Buffer.alloc(0);
  return typeof type === "string" && type.endsWith("64") ? 0n : 0;
}
