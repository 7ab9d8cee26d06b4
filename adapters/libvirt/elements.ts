import type { Element } from "@xmldom/xmldom";

/** The elements of a name that stand directly in another one, in the order of the document. */
export function children(parent: Element, name: string): Element[] {
  return Array.from(parent.getElementsByTagName(name)).filter((element) => element.parentNode === parent);
}
