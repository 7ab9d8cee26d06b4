import type { GivenOptions } from "./given.js";
import { options } from "./options.js";

/** The option that names a file with the secret in it. */
export function secretFileOption(name: string): string {
  return `${name}_file`;
}

/** Every option whose value is a secret, by group and name. */
export const SECRETS: readonly (readonly [group: string, name: string])[] = Object.values(options)
  .filter(({ secret }) => secret)
  .map(({ group, name }) => [group, name]);

/**
 * Takes secrets over from the files that `<name>_file` options name: all of a file but the line's end after it, with no `$` replaced.
 * @param read - gives a file's text, or refuses with a ConfigError
 * @returns a problem for each secret that is given twice, or whose file is empty
 */
export function readSecretFiles(given: GivenOptions, read: (file: string) => string): readonly string[] {
  return SECRETS.flatMap(([group, name]) => {
    const named = given.get(group, secretFileOption(name));
    if (named === undefined) return [];
    const both = given.get(group, name);
    const place = `${named.origin}: [${group}] ${secretFileOption(name)} = ${named.text}`;
    if (both !== undefined) return [`${place}: ${name} is given too, at ${both.origin}`];
    const text = read(named.text).replace(/\r?\n$/, "");
    if (text === "") return [`${place}: the file is empty`];
    given.set(group, name, { text, origin: named.text });
    return [];
  });
}
