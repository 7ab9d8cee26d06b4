import { isAbsolute } from "node:path";
import { Secret } from "#bus/secret.js";

/** How a configuration value is read. */
export interface ValueType<T> {
  /** What operators may write, in a few words. */
  readonly form: string;
  /** The value, or the rule that the text breaks. */
  read(text: string): { readonly value: T } | { readonly rule: string };
}

function type<T>(form: string, read: (text: string) => T | undefined, rule = `must be ${form}`): ValueType<T> {
  return {
    form,
    read(text) {
      const value = read(text);
      return value === undefined ? { rule } : { value };
    },
  };
}

/** Any text but none, never shown again. */
export const secret = type("text", (given) => (given === "" ? undefined : new Secret(given)), "must not be empty");

/** A switch, in the words that oslo.config takes. */
export const flag = type("true or false", (given) => {
  const word = given.toLowerCase();
  if (["true", "1", "on", "yes"].includes(word)) return true;
  return ["false", "0", "off", "no"].includes(word) ? false : undefined;
});

/** A whole number from `min` to `max`, both included. */
export function integer(min: number, max: number): ValueType<number> {
  return type(`a whole number from ${min} to ${max}`, (given) => {
    const value = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  });
}

/** A whole number from 0 on; -1, as OpenStack's quotas have it, gives infinity. */
export const countOrAny = type("a whole number from 0 to 1000000000, or -1 for any number", (given) => {
  if (given === "-1") return Number.POSITIVE_INFINITY;
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  return value <= 1_000_000_000 ? value : undefined;
});

/** So many a second; -1, as OpenStack has it for quotas, gives infinity. */
export const rateOrAny = type("a whole number from 1 to 1000000000, or -1 for any number", (given) => {
  if (given === "-1") return Number.POSITIVE_INFINITY;
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  return value >= 1 && value <= 1_000_000_000 ? value : undefined;
});

/** Members separated by commas, in order; none for an empty text. `read` gives `undefined` for what is no member. */
export function listOf<T>(form: string, read: (text: string) => T | undefined): ValueType<readonly T[]> {
  return type(form, (given) => {
    const texts = given === "" ? [] : given.split(",");
    const members = texts.flatMap((text) => read(text.trim()) ?? []);
    return members.length === texts.length ? members : undefined;
  });
}

/** Seconds from `min` to `max`, with or without a fraction; gives milliseconds. */
export function seconds(min: number, max: number): ValueType<number> {
  return type(`seconds, from ${min} to ${max}`, (given) => {
    const value = /^\d{1,9}(\.\d{1,3})?$/.test(given) ? Number(given) : Number.NaN;
    return value >= min && value <= max ? Math.round(value * 1000) : undefined;
  });
}

/** As `seconds`; -1 gives infinity: for ever. */
export function secondsOrEver(min: number, max: number): ValueType<number> {
  const some = seconds(min, max);
  return {
    form: `${some.form}, or -1 for ever`,
    read: (given) => (given === "-1" ? { value: Number.POSITIVE_INFINITY } : some.read(given)),
  };
}

/** A path from the root, on this host. */
export const absolutePath = type("an absolute path", (given) => (isAbsolute(given) ? given : undefined));

/** A name of a host or an instance: the contract's SHAPE_NAME. */
export const hostName = type(
  "letters, digits, `.`, `_`, `:` and `-`, the first a letter or a digit, 255 at most",
  (given) => (/^[A-Za-z0-9][A-Za-z0-9._:-]{0,254}$/.test(given) ? given : undefined),
);

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): ValueType<Word> {
  return type(words.join(" or "), (given) => words.find((word) => word === given));
}

/** Permission bits in octal. */
export const fileMode = type("permission bits in octal, such as 0640", (given) =>
  /^0?[0-7]{3}$/.test(given) ? Number.parseInt(given, 8) : undefined,
);

/** A text held to a rule that stands elsewhere; `problem` gives what is wrong with it, or `undefined`. */
export function textWith(form: string, problem: (text: string) => string | undefined): ValueType<string> {
  return {
    form,
    read(given) {
      const rule = problem(given);
      return rule === undefined ? { value: given } : { rule };
    },
  };
}

/** A text held to a rule that stands elsewhere, and never shown again. */
export function secretWith(form: string, problem: (text: string) => string | undefined): ValueType<Secret> {
  const { read } = textWith(form, problem);
  return {
    form,
    read(given) {
      const result = read(given);
      return "value" in result ? { value: new Secret(result.value) } : result;
    },
  };
}

/** A URL of an HTTP service. */
export const httpUrl = textWith("https:// or http:// and a host", (given) =>
  URL.canParse(given) && /^https?:$/.test(new URL(given).protocol) ? undefined : "must be an https:// or http:// URL",
);

/** A text without spaces. */
export const word = textWith("text without spaces", (given) =>
  /^\S+$/.test(given) ? undefined : "must not be empty or have spaces",
);
