import type protobuf from "protobufjs";
import type { Limit, Shape } from "./descriptors.js";

/** Other packages name an option with the package that defines it. */
const PACKAGE = "(configdrive.v1.";

/** The options of a field, method, message or oneof, custom ones under their names in brackets: `(limit)`. */
export function optionsOf(object: protobuf.ReflectionObject): Map<string, unknown> {
  const parsed: Record<string, unknown>[] = object.parsedOptions ?? [];
  const named = parsed.flatMap((option) => Object.entries(option));
  return new Map(
    named.map(([name, value]) => [name.startsWith(PACKAGE) ? `(${name.slice(PACKAGE.length)}` : name, value]),
  );
}

const SHAPES: readonly Shape[] = ["SHAPE_UNSPECIFIED", "SHAPE_UUID", "SHAPE_PATH", "SHAPE_NAME", "SHAPE_SHA256"];

/** A `(limit)` option; what it does not set is not limited. */
export function readLimit(option: unknown): Limit {
  const set = new Map(Object.entries(typeof option === "object" && option !== null ? option : {}));
  const number = (key: string, property: keyof Limit) => (set.has(key) ? { [property]: Number(set.get(key)) } : {});
  const shape = set.get("shape") ?? "SHAPE_UNSPECIFIED";
  const known = SHAPES.find((candidate) => candidate === shape);
  if (known === undefined) throw new Error(`the contract names an unknown shape: ${String(shape)}`);
  return {
    required: set.get("required") === true,
    ...number("max_bytes", "maxBytes"),
    ...number("max_items", "maxItems"),
    ...number("min", "min"),
    ...number("max", "max"),
    shape: known,
    inline: set.get("inline") === true,
  };
}
