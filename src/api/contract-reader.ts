import protobuf from "protobufjs";
import type { Contract } from "./contract.js";
import type {
  EnumDescriptor,
  FieldDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  OneofDescriptor,
  ScalarType,
} from "./descriptors.js";
import { optionsOf, readLimit } from "./field-options.js";
import { latest } from "./version.js";

const FIRST_VERSION = "1.0";

/** Reads services; throws where one uses a construct that the doors cannot carry (maps, floating point, foreign types). */
export function readServices(root: protobuf.Root, services: readonly string[]): Contract {
  const reader = new Reader();
  const methods = services.flatMap((service) =>
    root.lookupService(service).methodsArray.map((method) => reader.method(method)),
  );
  return { services, methods, version: latest(FIRST_VERSION, reader.versions) };
}

class Reader {
  readonly versions: string[] = [];
  readonly #messages = new Map<protobuf.Type, MessageDescriptor>();
  readonly #enums = new Map<protobuf.Enum, EnumDescriptor>();

  method(method: protobuf.Method): MethodDescriptor {
    if (method.resolvedRequestType === null || method.resolvedResponseType === null) {
      throw new Error(`${method.fullName}: unresolved types`);
    }
    return {
      name: method.name,
      busName: snakeCase(method.name),
      since: this.#since(optionsOf(method).get("(method_since)")),
      request: this.#message(method.resolvedRequestType),
      response: this.#message(method.resolvedResponseType),
      streaming: method.requestStream === true || method.responseStream === true,
    };
  }

  #message(type: protobuf.Type): MessageDescriptor {
    const known = this.#messages.get(type);
    if (known !== undefined) return known;
    const fields = new Map<string, FieldDescriptor>();
    const oneofs: OneofDescriptor[] = [];
    const inline = optionsOf(type).get("(max_inline_bytes)");
    const message: MessageDescriptor = {
      kind: "message",
      name: type.fullName.slice(1),
      fields,
      oneofs,
      ...(inline === undefined ? {} : { maxInlineBytes: Number(inline) }),
    };
    this.#messages.set(type, message);
    for (const field of type.fieldsArray) fields.set(field.name, this.#field(field));
    for (const oneof of type.oneofsArray.filter((candidate) => !isProto3Optional(candidate))) {
      oneofs.push({
        name: oneof.name,
        property: camelCase(oneof.name),
        required: optionsOf(oneof).get("(required)") === true,
        fields: oneof.oneof.map((name) => fields.get(name)!),
      });
    }
    return message;
  }

  #field(field: protobuf.Field): FieldDescriptor {
    if (field.map) throw new Error(`${field.fullName}: the doors carry no maps`);
    const oneof = field.partOf !== null && !isProto3Optional(field.partOf) ? field.partOf : undefined;
    const set = optionsOf(field);
    const type = this.#type(field);
    return {
      name: field.name,
      property: camelCase(field.name),
      type,
      repeated: field.repeated,
      presence: field.partOf !== null || type === "timestamp" || (typeof type === "object" && type.kind === "message"),
      ...(oneof === undefined ? {} : { oneof: camelCase(oneof.name) }),
      limit: readLimit(set.get("(limit)")),
      secret: set.get("(secret)") === true,
      since: this.#since(set.get("(since)")),
    };
  }

  #type(field: protobuf.Field): FieldDescriptor["type"] {
    const type = field.resolvedType;
    if (type instanceof protobuf.Enum) return this.#enum(type);
    if (type instanceof protobuf.Type) {
      if (type.fullName === ".google.protobuf.Timestamp") return "timestamp";
      if (!type.fullName.startsWith(".configdrive."))
        throw new Error(`${field.fullName}: foreign type ${type.fullName}`);
      return this.#message(type);
    }
    if (!isScalar(field.type)) throw new Error(`${field.fullName}: type ${field.type}`);
    return field.type;
  }

  #enum(type: protobuf.Enum): EnumDescriptor {
    const known = this.#enums.get(type);
    if (known !== undefined) return known;
    const entries = Object.entries(type.values);
    const descriptor: EnumDescriptor = {
      kind: "enum",
      name: type.fullName.slice(1),
      numberOf: new Map(entries),
      nameOf: new Map(entries.map(([name, number]) => [number, name])),
    };
    this.#enums.set(type, descriptor);
    return descriptor;
  }

  #since(value: unknown): string {
    const since = typeof value === "string" ? value : FIRST_VERSION;
    this.versions.push(since);
    return since;
  }
}

function isProto3Optional(oneof: protobuf.OneOf): boolean {
  return oneof.fieldsArray.some((field) => field.options?.proto3_optional === true);
}

const SCALARS: readonly string[] = [
  ...["bool", "string", "bytes"],
  ...["int32", "uint32", "sint32", "fixed32", "sfixed32"],
  ...["int64", "uint64", "sint64", "fixed64", "sfixed64"],
];

function isScalar(type: string): type is ScalarType {
  return SCALARS.includes(type);
}

function snakeCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

/** As ts-proto names properties. */
function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
