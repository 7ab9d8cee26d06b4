import type { Caller } from "./caller.js";
import { type Check, holds, namesIn, type Target } from "./check.js";
import { DEFAULT_RULES } from "./default-rules.js";
import { parseRule, RuleSyntaxError } from "./parse-rule.js";

/** A rule that somebody wrote in place of the default. */
export interface GivenRule {
  readonly name: string;
  readonly text: string;
  /** Where its text begins. */
  readonly line: number;
}

/** What is wrong with a rule, and in which line. */
export interface PolicyProblem {
  readonly line: number;
  readonly message: string;
}

/** A policy that cannot be used, with everything that is wrong with it. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  constructor(readonly problems: readonly PolicyProblem[]) {
    super(problems.map(({ line, message }) => `line ${line}: ${message}`).join("\n"));
  }
}

/** Says who may do what: a policy, or whatever policy counts at the moment. */
export interface Authorization {
  /** Whether a rule lets the caller do what the target says. A rule that does not exist lets nobody. */
  allows(rule: string, caller: Caller, target: Target): boolean;
}

/** Who may do what: the default rules, and those given over them. */
export class Policy implements Authorization {
  readonly #checks: ReadonlyMap<string, Check>;

  /** @throws PolicyError where a rule cannot be read, names one that does not exist, or itself in the end */
  constructor(given: readonly GivenRule[] = []) {
    const problems: PolicyProblem[] = [];
    const checks = new Map<string, Check>();
    for (const [name, { rule }] of DEFAULT_RULES) checks.set(name, parseRule(rule));
    const lines = new Map(given.map(({ name, line }) => [name, line]));
    for (const { name, text, line } of given) {
      try {
        checks.set(name, parseRule(text));
      } catch (error) {
        if (!(error instanceof RuleSyntaxError)) throw error;
        problems.push({ line, message: `${name}: ${error.message} (at character ${error.at + 1} of the rule)` });
      }
    }
    for (const [name, check] of checks) {
      const line = lines.get(name) ?? 0;
      for (const { name: named } of namesIn(check)) {
        if (!checks.has(named)) problems.push({ line, message: `${name}: there is no rule \`${named}\`` });
      }
      const circle = circleFrom(name, checks);
      if (circle !== undefined && line > 0) {
        problems.push({ line, message: `${name}: names itself, by ${circle.join(" -> ")}` });
      }
    }
    if (problems.length > 0) throw new PolicyError(problems.toSorted((a, b) => a.line - b.line));
    this.#checks = checks;
  }

  allows(rule: string, caller: Caller, target: Target): boolean {
    const never: Check = { kind: "never" };
    const ruleOf = (name: string) => this.#checks.get(name) ?? never;
    return holds(ruleOf(rule), caller, target, ruleOf);
  }
}

/** The names on the way from a rule back to itself; `undefined` where there is none. */
function circleFrom(start: string, checks: ReadonlyMap<string, Check>): readonly string[] | undefined {
  const seen = new Set<string>();
  const follow = (name: string, way: readonly string[]): readonly string[] | undefined => {
    const check = checks.get(name);
    for (const { name: next } of check === undefined ? [] : namesIn(check)) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = follow(next, [...way, next]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  return follow(start, [start]);
}
