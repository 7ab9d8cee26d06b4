import { DEFAULT_RULES } from "#api/policy/default-rules.js";
import { Policy, PolicyError } from "#api/policy/policy.js";
import { readPolicy } from "#api/policy/policy-file.js";
import { ConfigError } from "./config-error.js";
import { nearest } from "./nearest.js";
import { readText } from "./read-text.js";
import type { UnknownName } from "./unknown.js";

/** The policy of a file, or the defaults without one. @throws ConfigError with every line that cannot be used */
export function loadPolicy(file: string | undefined): {
  readonly policy: Policy;
  readonly unknown: readonly UnknownName[];
} {
  if (file === undefined) return { policy: new Policy(), unknown: [] };
  try {
    const { policy, unused } = readPolicy(readText(file));
    const unknown = unused.map(({ name, line }): UnknownName => {
      const near = nearest(name, DEFAULT_RULES.keys());
      const hint = near === undefined ? "" : `; did you mean ${near}?`;
      return { level: "warn", message: `${file}:${line}: ${name} is no rule that anything asks for${hint}` };
    });
    return { policy, unknown };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new ConfigError(error.problems.map(({ line, message }) => `${file}:${line}: ${message}`));
  }
}
