import { Refusal } from "#drive/refusal.js";
import { textWith } from "./types.js";

/** An address, held to the rules of who listens there. */
export function address(form: string, parse: (text: string) => unknown) {
  return textWith(form, (given) => {
    try {
      parse(given);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return error.violations[0]?.rule ?? error.message;
    }
  });
}
