import type { FaultList } from "../fault.js";
import type { RecordUse } from "./system-use.js";

const CONTINUE = 1;
const SPECIAL = 0x0e;

/** SL (RRIP 4.1.3): its component records fill it exactly, and their flags make sense. */
export function checkSymbolicLink(faults: FaultList, { entries, place }: RecordUse): void {
  const links = entries.filter(({ signature }) => signature === "SL");
  for (const [index, { bytes, offset }] of links.entries()) {
    const fault = (at: number, rule: string) => faults.error(place("SL"), offset + at, "RRIP 4.1.3", rule);
    const flags = bytes[4] ?? 0;
    if ((flags & ~CONTINUE) !== 0) fault(4, "bit 0 alone of its flags is in use");
    if (((flags & CONTINUE) !== 0) !== index < links.length - 1)
      fault(4, "CONTINUE says that the next SL entry goes on with the target");
    let at = 5;
    while (at + 2 <= bytes.length) {
      const component = bytes[at]!;
      const length = bytes[at + 1]!;
      if ((component & 0xf0) !== 0) fault(at, "bits 4 to 7 of a component's flags are reserved or not in use");
      const special = component & SPECIAL;
      if ((special & (special - 1)) !== 0)
        fault(at, "a component is at most one of current directory, parent directory and root");
      if (special !== 0 && (component & CONTINUE) !== 0) fault(at, "a component with a meaning of its own is whole");
      if (special !== 0 && length !== 0) fault(at + 1, "a component with a meaning of its own has no text");
      if (special === 0 && length === 0) fault(at + 1, "a component has text or a meaning");
      if (bytes.subarray(at + 2, at + 2 + length).some((byte) => byte === 0 || byte === 0x2f))
        fault(at + 2, "a component has neither / nor NUL");
      at += 2 + length;
    }
    if (at !== bytes.length) fault(at - 1 < bytes.length ? at - 1 : 2, "its components end where the entry ends");
  }
}
