import { safeText } from "../safe-name.js";

/** An `error` breaks a rule that readers rely on; a `warning` is allowed or harmless, and yet not what it should be. */
export type Severity = "error" | "warning";

/** One rule that an image breaks. */
export interface Fault {
  readonly severity: Severity;
  /** Which structure, such as `primary volume descriptor` or `directory /openstack (Joliet)`. */
  readonly structure: string;
  /** Where, in bytes from the start of the image. */
  readonly offset: number;
  /** Where the rule stands, such as `ECMA-119 8.4.8`. */
  readonly clause: string;
  /** What is wrong, as a sentence without its full stop. */
  readonly message: string;
}

/** More faults than this say nothing new. */
const MOST_FAULTS = 1000;

/** Gathers the faults of one image. `base` is where the volume begins in the image. */
export class FaultList {
  readonly #faults: Fault[] = [];
  #base = 0;

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Faults from here on are placed in a volume that begins at this byte of the image. */
  beginVolume(base: number): void {
    this.#base = base;
  }

  error(structure: string, offset: number, clause: string, message: string): void {
    this.#add("error", structure, offset, clause, message);
  }

  warning(structure: string, offset: number, clause: string, message: string): void {
    this.#add("warning", structure, offset, clause, message);
  }

  #add(severity: Severity, structure: string, offset: number, clause: string, message: string): void {
    if (this.#faults.length >= MOST_FAULTS) return;
    const place = { structure: safeText(structure), offset: this.#base + offset };
    this.#faults.push({ severity, ...place, clause, message: safeText(message) });
  }
}
