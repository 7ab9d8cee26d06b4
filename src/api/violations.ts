import { type FieldViolation, type Reason, Refusal } from "#drive/refusal.js";

/** A request that breaks more rules than this is refused without looking for more. */
const MOST = 16;
const MOST_SHOWN = 64;

/** Collects what a request breaks, with the path of the field at hand; one refusal then names them all. */
export class Violations {
  readonly #path: (string | number)[] = [];
  readonly #found: FieldViolation[] = [];
  #reason: Reason = "INVALID_ARGUMENT";

  /** Goes one level deeper: into a named field, or into a member of a repeated one. */
  enter(part: string | number): void {
    this.#path.push(part);
  }

  /** Comes back from where `enter` went. */
  leave(): void {
    this.#path.pop();
  }

  /** Notes a broken rule of the field at hand. A `mismatch` is one that a caller's code, not its data, must mend. */
  add(rule: string, kind: "value" | "mismatch" = "value"): undefined {
    this.#found.push({ field: this.#field(), rule });
    if (kind === "mismatch") this.#reason = "ARGUMENTS_MISMATCH";
    if (this.#found.length === MOST) this.throwIfAny();
  }

  /** @throws Refusal INVALID_ARGUMENT or ARGUMENTS_MISMATCH, if anything was noted. */
  throwIfAny(): void {
    const first = this.#found[0];
    if (first === undefined) return;
    const text = this.#found.map(({ field, rule }) => (field === "" ? rule : `${field}: ${rule}`)).join("; ");
    throw new Refusal(this.#reason, text, { violations: this.#found, metadata: { field: first.field } });
  }

  #field(): string {
    return this.#path
      .map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`))
      .join("");
  }
}

/** A value as an error may show it: cut when long, its kind only when it is secret. */
export function shown(value: unknown, secret: boolean): string {
  if (secret) return `got ${kindOf(value)}, not shown`;
  if (typeof value === "object" && value !== null) return `got ${kindOf(value)}`;
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  if (text.length <= MOST_SHOWN) return `got ${text}`;
  return `got ${text.slice(0, MOST_SHOWN).toWellFormed()}… (${text.length} characters)`;
}

/** The kind of a JSON value, in JSON's words. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "object":
      return "an object";
    case "string":
      return "a string";
    case "boolean":
      return "a boolean";
    case "number":
    case "bigint":
      return "a number";
    default:
      return `no JSON value (${typeof value})`;
  }
}
