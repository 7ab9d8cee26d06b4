/** Nesting beyond this is refused. Python's reader gives up at its recursion limit, 1000 by default, as well. */
export const deepestNesting = 990;

/** 2^53 has sixteen digits: no shorter integer is beyond what a double holds. */
const doubtfulDigits = 16;

/** What can stand before the first digit of a number. */
const beforeNumber = "-:,[ \t\n\r";

const zero = 0x30;
const nine = 0x39;

/**
 * Whether a text may hold an integer that a double rounds: a run of sixteen digits that begins where a number can. Such a run covers some
 * place that is a multiple of sixteen, so it is enough to look there; that is fifteen times cheaper than a regular expression, on every
 * message. Hexadecimal ids have such runs by chance, one message in a hundred, but within a word or behind a quote.
 */
export function mayLoseDigits(text: string): boolean {
  for (let place = doubtfulDigits - 1; place < text.length; place += doubtfulDigits) {
    if (isDigit(text, place) && isLongInteger(text, place)) return true;
  }
  return false;
}

/** Whether a text may nest too deep: it has more brackets than levels are allowed, in strings or out of them. */
export function mayNestTooDeep(text: string): boolean {
  // Each bracket has its counterpart.
  return text.length > 2 * deepestNesting && occursMoreThan(deepestNesting, text, "[", "{");
}

/** Whether the digits around the place are many, and follow what a number can follow (RFC 8259 §2, §6). */
function isLongInteger(text: string, place: number): boolean {
  let first = place;
  let last = place;
  while (isDigit(text, first - 1)) first -= 1;
  while (isDigit(text, last + 1)) last += 1;
  return last - first + 1 >= doubtfulDigits && (first === 0 || beforeNumber.includes(text.charAt(first - 1)));
}

function isDigit(text: string, place: number): boolean {
  const code = text.charCodeAt(place);
  return code >= zero && code <= nine;
}

function occursMoreThan(limit: number, text: string, ...marks: string[]): boolean {
  let count = 0;
  for (const mark of marks) {
    for (let place = text.indexOf(mark); place !== -1; place = text.indexOf(mark, place + 1)) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
}

/**
 * Whether a text's brackets nest deeper than allowed, those in strings counted too: false means that it surely does not.
 * Dearer than `mayNestTooDeep`, and asked only after it.
 */
export function bracketsNestTooDeep(text: string): boolean {
  let depth = 0;
  for (let place = 0; place < text.length; place += 1) {
    const code = text.charCodeAt(place);
    if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > deepestNesting) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}
