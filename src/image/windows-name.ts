/**
 * The names of devices, in every directory and with any extension; of the digits also the superscript ones (Microsoft, "Naming
 * Files, Paths, and Namespaces", naming conventions). Spaces before the extension do not count.
 */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\.|$)/i;

/** Windows drops them, and then opens another file or none (ibid.). */
const END = /[. ]$/;

/** @returns the rule that a file or directory name breaks, where it is to be opened on Windows */
export function windowsNameRule(name: string): string | undefined {
  if (DEVICE.test(name))
    return "no part may be the name of a Windows device (CON, PRN, AUX, NUL, COM0-9, LPT0-9), with or without extension";
  if (END.test(name)) return "no part may end with a dot or a space: Windows drops them";
  return undefined;
}
