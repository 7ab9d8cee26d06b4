import { Refusal } from "#drive/refusal.js";
import type { FieldDescriptor, MessageDescriptor } from "./descriptors.js";
import { memberOf } from "./encode.js";
import { brokenShape } from "./shapes.js";
import { shown, Violations } from "./violations.js";

/**
 * Holds a message, from either door, to the limits that the contract states.
 * @throws Refusal CONTENT_TOO_LARGE when its inline content is over the request's limit, before anything else is looked at;
 *   INVALID_ARGUMENT, naming every field that breaks a limit
 */
export function checkLimits(descriptor: MessageDescriptor, message: object): void {
  checkInlineBytes(descriptor, message);
  const violations = new Violations();
  checkMessage(descriptor, message, violations);
  violations.throwIfAny();
}

function checkInlineBytes(descriptor: MessageDescriptor, message: object): void {
  const most = descriptor.maxInlineBytes;
  if (most === undefined) return;
  const bytes = inlineBytes(descriptor, message);
  if (bytes <= most) return;
  throw new Refusal("CONTENT_TOO_LARGE", `the request holds ${bytes} bytes of content; ${most} is the most`, {
    metadata: { limit_bytes: String(most), actual_bytes: String(bytes) },
  });
}

/** The fields of each message that hold inline content, themselves or further down. */
const holders = new WeakMap<MessageDescriptor, readonly FieldDescriptor[]>();

function holdersIn(descriptor: MessageDescriptor): readonly FieldDescriptor[] {
  const known = holders.get(descriptor);
  if (known !== undefined) return known;
  // A message within itself holds what its other fields do.
  holders.set(descriptor, []);
  const found = [...descriptor.fields.values()].filter(
    ({ limit, type }) => limit.inline || (isMessage(type) && holdersIn(type).length > 0),
  );
  holders.set(descriptor, found);
  return found;
}

/** The bytes of content in a message: those of all `inline` fields below it. */
export function inlineBytes(descriptor: MessageDescriptor, message: object): number {
  let total = 0;
  for (const field of holdersIn(descriptor)) {
    for (const value of valuesOf(message, field)) {
      if (field.limit.inline) total += byteLength(value);
      else if (isMessage(field.type) && typeof value === "object" && value !== null) {
        total += inlineBytes(field.type, value);
      }
    }
  }
  return total;
}

function checkMessage(descriptor: MessageDescriptor, message: object, violations: Violations): void {
  for (const oneof of descriptor.oneofs) {
    if (oneof.required && Reflect.get(message, oneof.property) === undefined) {
      const names = oneof.fields.map((field) => field.name).join(", ");
      violations.enter(oneof.name);
      violations.add(`one of ${names} is required`);
      violations.leave();
    }
  }
  for (const field of descriptor.fields.values()) {
    // Most fields are not given, and few must be.
    if (!field.limit.required && memberOf(message, field) === undefined) continue;
    violations.enter(field.name);
    checkField(message, field, violations);
    violations.leave();
  }
}

function checkField(message: object, field: FieldDescriptor, violations: Violations): void {
  const { required, maxItems } = field.limit;
  if (!field.repeated) {
    const value = memberOf(message, field);
    if (required && (value === undefined || isEmpty(value))) violations.add("is required");
    else if (value !== undefined) checkValue(field, value, violations);
    return;
  }
  const values = valuesOf(message, field);
  if (maxItems !== undefined && values.length > maxItems) {
    violations.add(`must have at most ${maxItems} members (got ${values.length})`);
    return;
  }
  if (required && values.every(isEmpty)) {
    violations.add("is required");
    return;
  }
  for (const [index, value] of values.entries()) {
    violations.enter(index);
    checkValue(field, value, violations);
    violations.leave();
  }
}

function checkValue(field: FieldDescriptor, value: unknown, violations: Violations): void {
  const { type, secret, presence, repeated } = field;
  const { maxBytes, min, max, shape } = field.limit;
  if (isMessage(type)) {
    if (typeof value === "object" && value !== null) checkMessage(type, value, violations);
  } else if (typeof value === "string" || value instanceof Uint8Array) {
    const length = byteLength(value);
    if (maxBytes !== undefined && length > maxBytes)
      violations.add(`must be at most ${maxBytes} bytes (got ${length})`);
    if (typeof value !== "string" || (value === "" && !presence && !repeated)) return;
    const broken = brokenShape(shape, value);
    if (broken !== undefined) violations.add(`${broken} (${shown(value, secret)})`);
  } else if (typeof value === "number" || typeof value === "bigint") {
    if (typeof type === "object" && type.kind === "enum" && typeof value === "number" && !type.nameOf.has(value)) {
      violations.add(`must be a value of ${type.name} (${shown(value, secret)})`);
    }
    if (min !== undefined && value < min) violations.add(`must be at least ${min} (${shown(value, secret)})`);
    if (max !== undefined && value > max) violations.add(`must be at most ${max} (${shown(value, secret)})`);
  }
}

function valuesOf(message: object, field: FieldDescriptor): readonly unknown[] {
  const value = memberOf(message, field);
  if (field.repeated) return Array.isArray(value) ? value : [];
  return value === undefined ? [] : [value];
}

function isMessage(type: FieldDescriptor["type"]): type is MessageDescriptor {
  return typeof type === "object" && type.kind === "message";
}

function isEmpty(value: unknown): boolean {
  return value === "" || value === 0 || value === 0n || (value instanceof Uint8Array && value.length === 0);
}

function byteLength(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array ? Buffer.byteLength(value) : 0;
}
