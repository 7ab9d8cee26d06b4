import { type DomainDescription, parseDescription } from "./domain-xml.js";

/** Descriptions of as many domains as a pass of the reconciler looks at, running and stored. */
const MAX_READ = 32;

/**
 * Descriptions that were read, by their text. A domain is asked for its description at each step, which is nearly always the same text
 * as a moment ago; reading that takes longer than asking for it.
 */
export class Descriptions {
  readonly #read = new Map<string, DomainDescription>();

  /** What a text of libvirt's says. Refusals: those of `parseDescription`. */
  of(xml: string): DomainDescription {
    const description = this.#read.get(xml) ?? parseDescription(xml);
    // The one that was asked for last goes last.
    this.#read.delete(xml);
    this.#read.set(xml, description);
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= MAX_READ) break;
      this.#read.delete(oldest);
    }
    return description;
  }
}
