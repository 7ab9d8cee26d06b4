/** How a word looks on a terminal. */
export type Style = "good" | "busy" | "bad" | "heading";

/** Where answers are shown: what only a terminal gets, and a pipe or a file never. */
export interface Screen {
  readonly terminal: boolean;
  /** Colours a text, where there are colours. */
  readonly paint: (style: Style, text: string) => string;
}

/** A pipe or a file: nothing but the text. */
export const PLAIN: Screen = { terminal: false, paint: (_, text) => text };

/** SGR codes (ECMA-48, 8.3.117): green, yellow, red, bold. */
const CODES: Readonly<Record<Style, string>> = { good: "32", busy: "33", bad: "31", heading: "1" };

/** Colours on a terminal only, and not where NO_COLOR says so (no-color.org) or the terminal has none. */
export function screenOf(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Screen {
  if (stream.isTTY !== true) return PLAIN;
  const colours = (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  return {
    terminal: true,
    paint: (style, text) => (colours ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text),
  };
}

/** The style of a state of a drive, a generation, an attachment or an instance, by its name. */
export function styleOfState(name: string): Style {
  if (/FAILED|ERROR|LOST|AMBIGUOUS/.test(name)) return "bad";
  return /ING$/.test(name) && name !== "RUNNING" ? "busy" : "good";
}
