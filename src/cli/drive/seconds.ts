import { InvalidArgumentError } from "commander";

/** Seconds as people type them. Throws commander's error for the option. */
export function parseSeconds(text: string): number {
  const seconds = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (seconds === 0) throw new InvalidArgumentError("must be seconds, more than none.");
  return seconds;
}
