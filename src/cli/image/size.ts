import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A size as people type it: bytes, or with K, M, G or T (powers of 1024). Throws commander's error for the option. */
export function parseSize(text: string): number {
  const match = /^(\d{1,15})([KMGT]?)(?:iB)?$/.exec(text);
  const size = match === null ? Number.NaN : Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
  if (!Number.isSafeInteger(size) || size === 0)
    throw new InvalidArgumentError("must be bytes, or a number with K, M, G or T.");
  return size;
}
