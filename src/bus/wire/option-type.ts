import { BusConfigError } from "./bus-config-error.js";

/** How the text of one option becomes a value, and what stands for it when it is not given. */
export interface OptionType<Value> {
  readonly fallback: Value;
  /** @throws BusConfigError naming the option, the rule and the text (no option here is secret) */
  parse(name: string, text: string): Value;
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["on", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["off", false],
  ["no", false],
]);

/** A boolean as oslo.config reads it. */
export function flag(fallback: boolean): OptionType<boolean> {
  return {
    fallback,
    parse(name, text) {
      const value = truths.get(text.trim().toLowerCase());
      if (value === undefined) throw refused(name, "must be true or false (1, yes, on; 0, no, off)", text);
      return value;
    },
  };
}

/** Smallest and largest value allowed. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number. */
export function integer(fallback: number, range: Range = {}): OptionType<number> {
  return number(fallback, range, /^[+-]?[0-9]{1,15}$/, "a whole number");
}

/** A number with or without a fraction. */
export function decimal(fallback: number, range: Range = {}): OptionType<number> {
  return number(fallback, range, /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/, "a number");
}

function number(fallback: number, { min, max }: Range, form: RegExp, kind: string): OptionType<number> {
  return {
    fallback,
    parse(name, text) {
      const value = Number(text.trim());
      if (!form.test(text.trim()) || !Number.isFinite(value)) throw refused(name, `must be ${kind}`, text);
      if (min !== undefined && value < min) throw refused(name, `must be ${min} or more`, text);
      if (max !== undefined && value > max) throw refused(name, `must be ${max} or less`, text);
      return value;
    },
  };
}

/** Any text; the empty text means not given. */
export function text(): OptionType<string | undefined> {
  return { fallback: undefined, parse: (_name, value) => (value.trim() === "" ? undefined : value.trim()) };
}

/** One of some words. */
export function choice<Word extends string>(fallback: Word, words: readonly Word[]): OptionType<Word>;
export function choice<Word extends string>(fallback: undefined, words: readonly Word[]): OptionType<Word | undefined>;
export function choice<Word extends string>(
  fallback: Word | undefined,
  words: readonly Word[],
): OptionType<Word | undefined> {
  return {
    fallback,
    parse(name, value) {
      const given = value.trim();
      if (given === "") return fallback;
      const word = words.find((known) => known === given);
      if (word === undefined) throw refused(name, `must be one of ${words.join(", ")}`, value);
      return word;
    },
  };
}

/** Words separated by commas. */
export function list(fallback: readonly string[]): OptionType<readonly string[]> {
  return {
    fallback,
    parse: (_name, value) =>
      value
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== ""),
  };
}

function refused(name: string, rule: string, given: string): BusConfigError {
  return new BusConfigError(name, `${rule}, not ${JSON.stringify(given.slice(0, 80))}`);
}
