import { ATTRIBUTES } from "./caller.js";
import { type Check, type Match, TARGET_NAMES, type TargetName } from "./check.js";

/** A rule that cannot be read: what is wrong, and where in its text. */
export class RuleSyntaxError extends Error {
  override readonly name = "RuleSyntaxError";
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

interface Token {
  readonly text: string;
  readonly at: number;
}

/**
 * Reads a rule in the language of oslo.policy (its documentation, "Policy Rule Expressions"): `role:`, `rule:`, attributes of the
 * caller and literals against texts with `%(name)s`, `not`, `and`, `or` in that order, parentheses, `@` (always; also an
 * empty rule) and `!` (never). What oslo.policy lets pass and then never matches is refused here: attributes and targets that do
 * not exist. `http:` checks are refused: nothing is asked over the network to decide.
 * @throws RuleSyntaxError
 */
export function parseRule(text: string): Check {
  const tokens = tokensOf(text);
  if (tokens.length === 0) return { kind: "always" };
  const reader = new Reader(tokens, text.length);
  const check = reader.either();
  reader.end();
  return check;
}

class Reader {
  #next = 0;
  constructor(
    private readonly tokens: readonly Token[],
    private readonly length: number,
  ) {}

  either(): Check {
    const parts = [this.#both()];
    while (this.#take("or")) parts.push(this.#both());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "any", of: parts };
  }

  end(): void {
    const left = this.tokens[this.#next];
    if (left !== undefined)
      throw new RuleSyntaxError(`\`${left.text}\`: \`and\` or \`or\` is missing before it`, left.at);
  }

  #both(): Check {
    const parts = [this.#one()];
    while (this.#take("and")) parts.push(this.#one());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "all", of: parts };
  }

  #one(): Check {
    if (this.#take("not")) return { kind: "not", of: this.#one() };
    const token = this.tokens[this.#next];
    if (token === undefined) throw new RuleSyntaxError("it ends where a check is missing", this.length);
    this.#next += 1;
    if (token.text !== "(") return checkOf(token);
    const check = this.either();
    if (!this.#take(")")) throw new RuleSyntaxError("this parenthesis is never closed", token.at);
    return check;
  }

  #take(word: string): boolean {
    if (this.tokens[this.#next]?.text.toLowerCase() !== word) return false;
    this.#next += 1;
    return true;
  }
}

/** Words between blanks; parentheses stand for themselves, but for those of `%(name)s`. */
function tokensOf(text: string): Token[] {
  const word = /\(|\)|(?:%\([^()\s]*\)s|'[^']*'|"[^"]*"|[^\s()])+/g;
  return [...text.matchAll(word)].map(({ 0: found, index }) => ({ text: found, at: index }));
}

function checkOf({ text, at }: Token): Check {
  if (text === "@") return { kind: "always" };
  if (text === "!") return { kind: "never" };
  const [, kind = "", wanted = ""] = /^('[^']*'|"[^"]*"|[^:]*):(.*)$/s.exec(text) ?? [];
  if (kind === "" || wanted === "")
    throw new RuleSyntaxError(`\`${text}\` is no check: it has the form kind:value`, at);
  if (kind === "rule") return { kind: "rule", name: wanted, at };
  if (kind === "http" || kind === "https") throw new RuleSyntaxError(`\`${kind}:\` checks are not made here`, at);
  const match = matchOf(wanted, at);
  if (kind === "role") return { kind: "role", match };
  const literal = /^(?:'(.*)'|"(.*)"|(True|False|None|-?\d+))$/s.exec(kind);
  if (literal !== null) return { kind: "literal", text: literal[1] ?? literal[2] ?? literal[3] ?? "", match };
  if (isAttribute(kind)) return { kind: "attribute", name: kind, match };
  const known = Object.keys(ATTRIBUTES).join(", ");
  throw new RuleSyntaxError(`\`${kind}\` is no attribute of a caller; there are role, ${known}`, at);
}

function matchOf(text: string, at: number): Match {
  return text
    .split(/(%\([^()]*\)s)/)
    .filter((part) => part !== "")
    .map((part) => {
      const name = /^%\((.*)\)s$/.exec(part)?.[1];
      if (name === undefined) return part;
      if (isTarget(name)) return { target: name };
      const known = TARGET_NAMES.map((target) => `%(${target})s`).join(", ");
      throw new RuleSyntaxError(`\`${part}\` is not known of a call; there are ${known}`, at);
    });
}

function isAttribute(name: string): name is keyof typeof ATTRIBUTES {
  return Object.hasOwn(ATTRIBUTES, name);
}

function isTarget(name: string): name is TargetName {
  return TARGET_NAMES.some((target) => target === name);
}
