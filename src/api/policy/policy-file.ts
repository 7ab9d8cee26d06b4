import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { namesIn } from "./check.js";
import { DEFAULT_RULES } from "./default-rules.js";
import { parseRule } from "./parse-rule.js";
import { type GivenRule, Policy, PolicyError, type PolicyProblem } from "./policy.js";

/** A policy that was read from a file. */
export interface ReadPolicy {
  readonly policy: Policy;
  /** Rules that no method asks for and no other rule names: most likely mistyped. */
  readonly unused: readonly { readonly name: string; readonly line: number }[];
}

/**
 * Reads a policy file as oslo.policy has it: YAML, or JSON, one text by the name of its rule. What it does not name keeps its
 * default.
 * @throws PolicyError with every line that cannot be used
 */
export function readPolicy(text: string): ReadPolicy {
  const given = rulesIn(text);
  const policy = new Policy(given);
  const named = new Set(given.flatMap((rule) => namesIn(parseRule(rule.text)).map(({ name }) => name)));
  const unknown = given.filter(({ name }) => !DEFAULT_RULES.has(name) && !named.has(name));
  return { policy, unused: unknown.map(({ name, line }) => ({ name, line })) };
}

function rulesIn(text: string): readonly GivenRule[] {
  const lines = new LineCounter();
  // Only texts, maps and lists: a value such as `no` or `1.0` stays what was written.
  const document = parseDocument(text, { lineCounter: lines, schema: "failsafe", prettyErrors: false });
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  const problems: PolicyProblem[] = document.errors.map(({ message, pos }) => ({ line: lineAt(pos[0]), message }));
  if (problems.length > 0) throw new PolicyError(problems);
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === "")) return [];
  if (!isMap(contents)) throw new PolicyError([{ line: 1, message: "must be rules, each as `name: rule`" }]);
  const given: GivenRule[] = [];
  for (const { key, value } of contents.items) {
    const line = lineAt(isScalar(key) ? key.range?.[0] : undefined);
    const name = isScalar(key) && typeof key.value === "string" ? key.value : "";
    if (name === "") problems.push({ line, message: "a rule's name must be a text" });
    else if (!isScalar(value) || typeof value.value !== "string") {
      problems.push({ line, message: `${name}: a rule must be one text` });
    } else given.push({ name, text: value.value, line });
  }
  if (problems.length > 0) throw new PolicyError(problems);
  return given;
}
