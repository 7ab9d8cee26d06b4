import type { FaultList } from "../fault.js";

export type ExtentKind = "volume descriptors" | "path table" | "directory" | "file" | "continuation area";

interface Used {
  readonly start: number;
  readonly end: number;
  readonly kind: ExtentKind;
  readonly owner: () => string;
}

/** Who uses which bytes of the image. */
export class ExtentMap {
  readonly #used: Used[] = [];

  /** Notes a use. Nothing is noted for no bytes. `owner` says how a fault names it. */
  add(start: number, length: number, kind: ExtentKind, owner: () => string): void {
    if (length > 0) this.#used.push({ start, end: start + length, kind, owner });
  }

  /**
   * Reports bytes that two structures use. Files may share their bytes whole (writers store equal files once), never in part;
   * a continuation area belongs to one record. The standards say it by what each extent is for (ECMA-119 6.4, 6.8, 6.9; SUSP 5.1).
   */
  checkOverlaps(faults: FaultList): void {
    const used = this.#used.sort((a, b) => a.start - b.start || a.end - b.end);
    let before: Used | undefined;
    for (const one of used) {
      if (before !== undefined && one.start < before.end && !isShared(before, one)) {
        const message = `${one.kind} of ${one.owner()} and ${before.kind} of ${before.owner()} use the same bytes`;
        faults.error(one.owner(), one.start, one.kind === "continuation area" ? "SUSP 5.1" : "ECMA-119 6.4", message);
      }
      if (before === undefined || one.end >= before.end) before = one;
    }
  }
}

function isShared(a: Used, b: Used): boolean {
  return a.kind === "file" && b.kind === "file" && a.start === b.start && a.end === b.end;
}
