import type { Shape } from "./descriptors.js";

/** RFC 9562, 4: the canonical text form, in lower case. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

/** What a text must be to have the shape; `undefined` when it has it. */
export function brokenShape(shape: Shape, text: string): string | undefined {
  switch (shape) {
    case "SHAPE_UNSPECIFIED":
      return undefined;
    case "SHAPE_UUID":
      return UUID.test(text) ? undefined : "must be a UUID in lower case";
    case "SHAPE_NAME":
      return NAME.test(text) ? undefined : "must be letters, digits, `.`, `_`, `:` and `-`, a letter or a digit first";
    case "SHAPE_SHA256":
      return /^[0-9a-f]{64}$/.test(text) ? undefined : "must be a SHA-256 as 64 hexadecimal digits in lower case";
    case "SHAPE_PATH":
      return isPath(text)
        ? undefined
        : "must be a path below the root, without empty, `.` or `..` parts and without NUL";
  }
}

function isPath(text: string): boolean {
  return !text.includes("\0") && text.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
