import type { Json, JsonObject } from "../json.js";
import { parseJson, writeJson } from "./json.js";
import { isJsonObject } from "./json-object.js";

/** An exception as it travels: what a Python caller needs to build it again (wire §7). */
export interface Failure {
  /** Class name without module, such as `InstanceNotFound`. */
  readonly className: string;
  /** Python module of the class: `builtins`, `nova.exception`, `oslo_messaging.rpc.dispatcher`, … */
  readonly module: string;
  readonly message: string;
  /** Positional arguments of the constructor: the caller runs it again, so they must fit. */
  readonly args: readonly Json[];
  /** Keyword arguments of the constructor. */
  readonly kwargs: Readonly<JsonObject>;
  /** Lines as Python's `format_exception` gives them, each with its newline. */
  readonly traceback: readonly string[];
}

/**
 * A failure whose constructor takes the rendered text as its one positional argument, which is true of Python's builtin
 * exceptions and of every `nova.exception` class that keeps its base's constructor.
 * The traceback names the class and the message and nothing of our own code: a caller may log it, and its user may see it.
 */
export function failureOf(
  module: string,
  className: string,
  message: string,
  kwargs: Readonly<JsonObject> = {},
): Failure {
  return { className, module, message, args: [message], kwargs, traceback: tracebackOf(module, className, message) };
}

function tracebackOf(module: string, className: string, message: string): string[] {
  const qualified = module === "builtins" ? className : `${module}.${className}`;
  return ["Traceback (most recent call last):\n", `${qualified}: ${message}\n`];
}

/** The text of a reply's `failure`: JSON inside the JSON string inside the envelope's JSON string. */
export function encodeFailure(failure: Failure): string {
  return writeJson({
    class: failure.className,
    module: failure.module,
    message: failure.message,
    tb: failure.traceback,
    args: failure.args,
    kwargs: failure.kwargs,
  });
}

/** The marks that a Python relay puts on an exception it rebuilt; the original identity is without them. */
const relayed = "_Remote";

/**
 * Reads a reply's `failure`. Missing keys default to empty, as in Python; what is no failure at all becomes one that says so:
 * the call did fail, whatever its reason was.
 */
export function decodeFailure(text: Json): Failure {
  const fields = typeof text === "string" ? parseFields(text) : undefined;
  if (fields === undefined) return failureOf("builtins", "ValueError", "the peer's failure cannot be read");
  return {
    className: withoutSuffix(textOf(fields.class, "Exception")),
    module: withoutSuffix(moduleOf(fields.module)),
    message: textOf(fields.message, ""),
    args: Array.isArray(fields.args) ? fields.args : [],
    kwargs: isJsonObject(fields.kwargs) ? fields.kwargs : {},
    traceback: Array.isArray(fields.tb) ? fields.tb.filter((line) => typeof line === "string") : [],
  };
}

function parseFields(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: Json | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** Python 2 called its builtin module `exceptions`; both names mean the same (wire §7). */
function moduleOf(value: Json | undefined): string {
  const module = textOf(value, "builtins");
  return module === "exceptions" ? "builtins" : module;
}

function withoutSuffix(name: string): string {
  return name.endsWith(relayed) ? name.slice(0, -relayed.length) : name;
}
