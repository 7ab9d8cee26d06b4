/** Stands where an image has a character that no path part can hold, or that would command a terminal. */
const REPLACEMENT = "\ufffd";
const UNSAFE = /[/\p{Cc}]/gu;

/**
 * A name of an image as one part of a path: `/`, NUL and the other control characters are replaced, and so is a name that is empty, `.`
 * or `..`. What is left can name a thing in its directory and nothing else, and can be shown to a person.
 */
export function safeName(name: string): string {
  return name === "" || name === "." || name === ".." ? REPLACEMENT : name.replace(UNSAFE, REPLACEMENT);
}

/** Text with names of an image in it, without control characters. */
export function safeText(text: string): string {
  return text.replace(/\p{Cc}/gu, REPLACEMENT);
}
