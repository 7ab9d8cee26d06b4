import type { VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";
import { descriptorPlace } from "./descriptor-set.js";

interface TextField {
  readonly at: number;
  readonly length: number;
  readonly clause: string;
  readonly name: string;
}

/** The fields of text of a primary or supplementary descriptor; all are filled up with spaces. */
const FIELDS: readonly TextField[] = [
  { at: 8, length: 32, clause: "ECMA-119 8.4.5", name: "system identifier" },
  { at: 40, length: 32, clause: "ECMA-119 8.4.6", name: "volume identifier" },
  { at: 190, length: 128, clause: "ECMA-119 8.4.19", name: "volume set identifier" },
  { at: 318, length: 128, clause: "ECMA-119 8.4.20", name: "publisher identifier" },
  { at: 446, length: 128, clause: "ECMA-119 8.4.21", name: "data preparer identifier" },
  { at: 574, length: 128, clause: "ECMA-119 8.4.22", name: "application identifier" },
  { at: 702, length: 37, clause: "ECMA-119 8.4.23", name: "copyright file identifier" },
  { at: 739, length: 37, clause: "ECMA-119 8.4.24", name: "abstract file identifier" },
  { at: 776, length: 37, clause: "ECMA-119 8.4.25", name: "bibliographic file identifier" },
];

/**
 * Characters of the text fields. ECMA-119 asks for upper-case letters, digits and some signs; `config-2` and every other label of a
 * configuration drive is outside that, so any printable character of ASCII passes.
 */
export function checkPrimaryText(descriptor: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset } = descriptor;
  for (const { at, length, clause, name } of FIELDS) {
    for (let i = at; i < at + length; i++) {
      const byte = bytes[i]!;
      if (byte >= 0x20 && byte < 0x7f) continue;
      const found = `0x${byte.toString(16).padStart(2, "0")}`;
      faults.error(
        descriptorPlace(descriptor),
        offset + i,
        `${clause}, 7.4`,
        `the ${name} is printable and filled up with spaces, here is ${found}`,
      );
      break;
    }
  }
}

/** Characters of the same fields in UCS-2: no control character but zeros that fill a field up (Joliet, "Identifiers"). */
export function checkJolietText(descriptor: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset } = descriptor;
  for (const { at, length, clause, name } of FIELDS) {
    let ended = false;
    for (let i = at; i + 1 < at + length; i += 2) {
      const unit = (bytes[i]! << 8) | bytes[i + 1]!;
      if (unit === 0) ended = true;
      else if (unit < 0x20 || (ended && unit !== 0x20)) {
        const found = `0x${unit.toString(16).padStart(4, "0")}`;
        faults.error(
          descriptorPlace(descriptor),
          offset + i,
          `${clause}; Joliet`,
          `the ${name} has the character ${found}`,
        );
        break;
      }
    }
  }
}
