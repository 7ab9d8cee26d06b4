import { ConfigError } from "./config-error.js";
import type { Given, GivenOptions } from "./given.js";
import type { Option } from "./option.js";
import { type Config, options } from "./options.js";

/** The value of every option. @throws ConfigError with every value that its option does not take */
export function readConfig(given: GivenOptions): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const { group, name, fallback } = option;
    const set = given.get(group, name);
    const text = set?.text.trim() ?? fallback;
    if (text === undefined) continue;
    const read = option.type.read(text);
    if ("value" in read) values[key] = read.value;
    else problems.push(problem(option, set, text, read.rule));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return asConfig(values);
}

function problem(option: Option<unknown>, set: Given | undefined, text: string, rule: string): string {
  const value = option.secret ? "(not shown)" : JSON.stringify(text.slice(0, 200));
  return `${set?.origin ?? "default"}: [${option.group}] ${option.name} = ${value}: ${rule}`;
}

/** Every option has got the value that its own type read; TypeScript cannot follow that through a loop. */
function asConfig(values: Record<string, unknown>): Config {
  if (!isConfig(values)) throw new Error("an option with a default has no value");
  return values;
}

function isConfig(values: Record<string, unknown>): values is Record<string, unknown> & Config {
  return Object.entries(options).every(([key, { fallback }]) => fallback === undefined || Object.hasOwn(values, key));
}
