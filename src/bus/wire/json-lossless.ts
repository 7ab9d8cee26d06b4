import type { Json, JsonObject } from "../json.js";
import { deepestNesting } from "./json-limits.js";
import { JsonSyntaxError } from "./json-syntax-error.js";

/** Python's `int()` refuses longer decimal texts (`sys.int_info.default_max_str_digits`); so no text costs quadratic time. */
const longestInteger = 4300;

const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const whitespace = /[ \t\n\r]*/y;
const words: ReadonlyMap<string, Json> = new Map<string, Json>([
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);
const word = /null|true|false|NaN|-?Infinity/y;

/**
 * Parses what Python's `json` module writes, losing nothing: the three words that are not JSON, and integers of any size
 * (bigint where a double would round). Slower than `JSON.parse`; use `parseJson`, which calls it only where needed.
 * @throws JsonSyntaxError with the offset, never with the text
 */
export function parseJsonLosslessly(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  #at = 0;
  constructor(readonly text: string) {}

  end(): void {
    this.#skip();
    if (this.#at !== this.text.length) throw this.#unexpected();
  }

  value(depth: number): Json {
    if (depth > deepestNesting) throw new JsonSyntaxError(`JSON nested deeper than ${deepestNesting}`);
    this.#skip();
    const first = this.text[this.#at];
    if (first === "{") return this.#object(depth);
    if (first === "[") return this.#array(depth);
    if (first === '"') return this.#string();
    const named = this.#match(word);
    if (named !== undefined) return words.get(named) ?? null;
    return this.#number();
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = {};
    this.#at += 1;
    if (this.#next("}")) return object;
    do {
      this.#skip();
      const key = this.#string();
      if (!this.#next(":")) throw this.#unexpected();
      const value = this.value(depth + 1);
      // A plain assignment to __proto__ would set the prototype instead of a member.
      if (key === "__proto__") Object.defineProperty(object, key, { value, ...ownMember });
      else object[key] = value;
    } while (this.#next(","));
    if (!this.#next("}")) throw this.#unexpected();
    return object;
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    this.#at += 1;
    if (this.#next("]")) return array;
    do array.push(this.value(depth + 1));
    while (this.#next(","));
    if (!this.#next("]")) throw this.#unexpected();
    return array;
  }

  #string(): string {
    if (this.text[this.#at] !== '"') throw this.#unexpected();
    const start = this.#at;
    let end = start;
    do {
      end = this.text.indexOf('"', end + 1);
      if (end === -1) throw this.#unexpected();
    } while (this.#isEscaped(end));
    try {
      const text = String(JSON.parse(this.text.slice(start, end + 1)));
      this.#at = end + 1;
      return text;
    } catch {
      throw this.#unexpected();
    }
  }

  /** Whether an odd number of backslashes stands before the place. */
  #isEscaped(place: number): boolean {
    let before = place - 1;
    while (this.text[before] === "\\") before -= 1;
    return (place - before) % 2 === 0;
  }

  #number(): number | bigint {
    const digits = this.#match(number);
    if (digits === undefined) throw this.#unexpected();
    const nearest = Number(digits);
    if (Number.isSafeInteger(nearest) || /[.eE]/.test(digits)) return nearest;
    if (digits.length > longestInteger) throw new JsonSyntaxError(`JSON integer longer than ${longestInteger} digits`);
    return BigInt(digits);
  }

  #next(mark: string): boolean {
    this.#skip();
    if (this.text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#match(whitespace);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(): JsonSyntaxError {
    return new JsonSyntaxError(`not JSON at offset ${this.#at} of ${this.text.length}`);
  }
}

const ownMember = { enumerable: true, configurable: true, writable: true } as const;
