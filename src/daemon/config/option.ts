import type { ValueType } from "./types.js";

/** One option of the service's own. */
export interface Option<T> {
  readonly group: string;
  readonly name: string;
  readonly type: ValueType<T>;
  /** Read like a value that was given; unset: the option may be left out. */
  readonly fallback: string | undefined;
  /** What the pages show for a default that depends on the machine. */
  readonly fallbackShown?: string;
  readonly help: string;
  /** Never shown, not even in an error. */
  readonly secret: boolean;
  /** A running service takes a new value over when it reads its configuration again (SIGHUP). */
  readonly reloadable: boolean;
}

/** An option that may be left out; `place` is its group and name, such as `grpc.listen`. */
export function option<T>(
  place: string,
  type: ValueType<T>,
  help: string,
  more: { fallbackShown?: string; secret?: boolean; reloadable?: boolean } = {},
): Option<T> & { readonly fallback: undefined } {
  const [group = "", name = ""] = place.split(".");
  return { group, name, type, fallback: undefined, help, secret: false, reloadable: false, ...more };
}

/** The option with a default. */
export function withDefault<T>(base: Option<T>, fallback: string): Option<T> & { readonly fallback: string } {
  return { ...base, fallback };
}
