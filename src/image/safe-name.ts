/** Stands where an image has a character that no path part can hold. */
const REPLACEMENT = "\ufffd";

/**
 * A name of an image as one part of a path: `/` and NUL are replaced, and so is a name that is empty, `.` or `..`.
 * What is left can name a thing in its directory and nothing else.
 */
export function safeName(name: string): string {
  if (name === "" || name === "." || name === "..") return REPLACEMENT;
  return name.includes("/") || name.includes("\0")
    ? name.replaceAll("/", REPLACEMENT).replaceAll("\0", REPLACEMENT)
    : name;
}
