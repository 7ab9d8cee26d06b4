/** The scalar types that the doors carry, by their names in proto3; floating point is none of them. */
export type ScalarType =
  | "int32"
  | "uint32"
  | "sint32"
  | "fixed32"
  | "sfixed32"
  | "int64"
  | "uint64"
  | "sint64"
  | "fixed64"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

/** The shapes that the contract can hold a text to (`configdrive.v1.Shape`). */
export type Shape = "SHAPE_UNSPECIFIED" | "SHAPE_UUID" | "SHAPE_PATH" | "SHAPE_NAME" | "SHAPE_SHA256";

/** What a field accepts (`configdrive.v1.Limit`); what is unset is not limited. */
export interface Limit {
  readonly required: boolean;
  readonly maxBytes?: number;
  readonly maxItems?: number;
  readonly min?: number;
  readonly max?: number;
  readonly shape: Shape;
  readonly inline: boolean;
}

export interface EnumDescriptor {
  readonly kind: "enum";
  readonly name: string;
  readonly numberOf: ReadonlyMap<string, number>;
  readonly nameOf: ReadonlyMap<number, string>;
}

export interface MessageDescriptor {
  readonly kind: "message";
  /** Full name, such as `configdrive.v1.File`. */
  readonly name: string;
  /** By the contract's own snake_case names, in the order of the .proto file. */
  readonly fields: ReadonlyMap<string, FieldDescriptor>;
  readonly oneofs: readonly OneofDescriptor[];
  /** Most bytes over all `inline` fields below this message. */
  readonly maxInlineBytes?: number;
}

/** A oneof that the .proto file spells out; `optional` fields have none. */
export interface OneofDescriptor {
  readonly name: string;
  /** The name of the property in the generated TypeScript. */
  readonly property: string;
  readonly required: boolean;
  readonly fields: readonly FieldDescriptor[];
}

export interface FieldDescriptor {
  /** snake_case, as in the contract and on the bus. */
  readonly name: string;
  /** The name of the property, or of the `$case`, in the generated TypeScript. */
  readonly property: string;
  readonly type: ScalarType | EnumDescriptor | MessageDescriptor | "timestamp";
  readonly repeated: boolean;
  /** Unset differs from the default: `optional` fields and messages. */
  readonly presence: boolean;
  /** The property of the oneof that it belongs to. */
  readonly oneof?: string;
  readonly limit: Limit;
  readonly secret: boolean;
  /** The bus target's version that brought it. */
  readonly since: string;
}

export interface MethodDescriptor {
  /** As gRPC knows it: `PopulateVolume`. */
  readonly name: string;
  /** As the bus knows it: `populate_volume`. */
  readonly busName: string;
  /** The bus target's version that brought it. */
  readonly since: string;
  readonly request: MessageDescriptor;
  readonly response: MessageDescriptor;
  /** Streams are served by gRPC only. */
  readonly streaming: boolean;
}
