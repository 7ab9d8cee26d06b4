import { ATTRIBUTES, type Caller } from "./caller.js";

/** What a call is about, for `%(name)s` in a rule; a name that the call does not have is empty. */
export type Target = Readonly<Record<TargetName, string>>;

export const TARGET_NAMES = ["project_id", "drive_id", "instance_id", "host"] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** A text of a rule, with what is filled in from the target. */
export type Match = readonly (string | { readonly target: TargetName })[];

/** A rule, parsed. */
export type Check =
  | { readonly kind: "always" | "never" }
  | { readonly kind: "all" | "any"; readonly of: readonly Check[] }
  | { readonly kind: "not"; readonly of: Check }
  | { readonly kind: "rule"; readonly name: string; readonly at: number }
  | { readonly kind: "role"; readonly match: Match }
  | { readonly kind: "attribute"; readonly name: keyof typeof ATTRIBUTES; readonly match: Match }
  | { readonly kind: "literal"; readonly text: string; readonly match: Match };

/** Whether a check lets a caller do what the target says; `ruleOf` gives the rules that it names. */
export function holds(check: Check, caller: Caller, target: Target, ruleOf: (name: string) => Check): boolean {
  switch (check.kind) {
    case "always":
      return true;
    case "never":
      return false;
    case "all":
      return check.of.every((part) => holds(part, caller, target, ruleOf));
    case "any":
      return check.of.some((part) => holds(part, caller, target, ruleOf));
    case "not":
      return !holds(check.of, caller, target, ruleOf);
    case "rule":
      return holds(ruleOf(check.name), caller, target, ruleOf);
    case "role": {
      const wanted = filled(check.match, target)?.toLowerCase();
      return caller.roles.some((role) => role.toLowerCase() === wanted);
    }
    case "attribute": {
      const wanted = filled(check.match, target);
      const has = ATTRIBUTES[check.name](caller);
      return wanted !== undefined && (typeof has === "string" ? has === wanted : has.includes(wanted));
    }
    case "literal":
      return filled(check.match, target) === check.text;
  }
}

/** Every name of another rule in a check, with its place. */
export function namesIn(check: Check): readonly { readonly name: string; readonly at: number }[] {
  if (check.kind === "rule") return [check];
  if (check.kind === "not") return namesIn(check.of);
  return check.kind === "all" || check.kind === "any" ? check.of.flatMap(namesIn) : [];
}

/** The text with the target's values; `undefined` where the target lacks one: what is not known matches nothing. */
function filled(match: Match, target: Target): string | undefined {
  let text = "";
  for (const part of match) {
    const value = typeof part === "string" ? part : target[part.target];
    if (value === "") return undefined;
    text += value;
  }
  return text;
}
