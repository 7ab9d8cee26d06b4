import type { Given, GivenOptions } from "./given.js";

/** `$name`, `${name}`, `${group.name}`, and `$$` or `\$` for a dollar sign itself (oslo_config/cfg.py, ConfigOpts.Template). */
const REFERENCE = /\$\$|\\\$|\$\{([_a-z][._a-z0-9]*)\}|\$([_a-z][._a-z0-9]*)|\$/gi;

/** References that lead on to others end somewhere. */
const MOST_STEPS = 10;

/** A value with its references put in, or the rule that it breaks, which tells nothing of the value: it may be a secret. */
export type Substituted = { readonly text: string } | { readonly rule: string };

/**
 * Puts in what a value refers to: a name of its own group, of `[DEFAULT]`, or of the group that is named. What is given in the
 * files and the environment can be referred to, whether it is ours or not. A `$` that begins no name stays.
 */
export function substitute(text: string, group: string, given: GivenOptions, steps = 0): Substituted {
  if (!text.includes("$")) return { text };
  if (steps > MOST_STEPS) return { rule: "refers to itself" };
  let rule: string | undefined;
  const result = text.replace(REFERENCE, (_whole: string, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return "$";
    const found = lookUp(name, group, given);
    const put: Substituted =
      found === undefined
        ? { rule: "refers to a name that is not given; a dollar sign itself is written $$" }
        : substitute(found.text, found.group, given, steps + 1);
    if ("text" in put) return put.text;
    rule ??= put.rule;
    return "";
  });
  return rule === undefined ? { text: result } : { rule };
}

/** Puts references into the values of these options, and gives what is wrong with the others, with its place. */
export function substituteIn(given: GivenOptions, places: Iterable<readonly [group: string, name: string]>): string[] {
  const problems: string[] = [];
  const results: [string, string, Given][] = [];
  for (const [group, name] of places) {
    const value = given.get(group, name);
    if (value === undefined) continue;
    const result = substitute(value.text, group, given);
    if ("rule" in result) problems.push(`${value.origin}: [${group}] ${name} ${result.rule}`);
    else results.push([group, name, { ...value, text: result.text }]);
  }
  for (const [group, name, value] of results) given.set(group, name, value);
  return problems;
}

function lookUp(name: string, group: string, given: GivenOptions): { text: string; group: string } | undefined {
  const dot = name.indexOf(".");
  const places =
    dot < 0
      ? [
          [group, name],
          ["DEFAULT", name],
        ]
      : [[name.slice(0, dot), name.slice(dot + 1)]];
  for (const [from = "", option = ""] of places) {
    const found = given.get(from, option);
    if (found !== undefined) return { text: found.text, group: from };
  }
  return undefined;
}
