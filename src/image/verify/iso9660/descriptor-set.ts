import type { ImageInput } from "../../input/input.js";
import { firstNonZero, latin1 } from "../../input/integers.js";
import {
  DESCRIPTOR,
  FIRST_DESCRIPTOR,
  hasJolietEscape,
  isJoliet,
  SECTOR,
  type VolumeDescriptor,
} from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";

/** What a descriptor is called in a fault. */
export function descriptorPlace(descriptor: VolumeDescriptor): string {
  switch (descriptor.type) {
    case DESCRIPTOR.boot:
      return "boot record";
    case DESCRIPTOR.primary:
      return "primary volume descriptor";
    case DESCRIPTOR.supplementary:
      return isJoliet(descriptor) ? "Joliet volume descriptor" : "supplementary volume descriptor";
    case DESCRIPTOR.partition:
      return "volume partition descriptor";
    case DESCRIPTOR.terminator:
      return "volume descriptor set terminator";
    default:
      return "volume descriptor";
  }
}

/** The volume descriptor set as a whole: what must be there, its terminator, and every descriptor's version (ECMA-119 6.7.1, 8.1). */
export function checkDescriptorSet(input: ImageInput, set: readonly VolumeDescriptor[], faults: FaultList): void {
  for (const descriptor of set) checkHead(descriptor, faults);
  const primaries = set.filter(({ type }) => type === DESCRIPTOR.primary);
  if (primaries.length > 1) {
    faults.warning(
      "volume descriptor set",
      primaries[1]!.offset,
      "ECMA-119 6.7.1.1",
      "there is more than one primary descriptor",
    );
  }
  const last = set.at(-1);
  if (last?.type === DESCRIPTOR.terminator) {
    if (firstNonZero(last.bytes, 7, SECTOR) >= 0) {
      faults.error(descriptorPlace(last), last.offset + 7, "ECMA-119 8.3.4", "its reserved bytes are zero");
    }
    return;
  }
  const end = last === undefined ? FIRST_DESCRIPTOR : last.offset + SECTOR;
  const found = end + 6 <= input.size ? latin1(input.read(end + 1, 5), 0, 5) : "";
  const rule = found === "CD001" ? "the set has too many descriptors" : "no terminator ends the set: here is no CD001";
  faults.error("volume descriptor set", end, "ECMA-119 8.3, 8.1.2", rule);
}

function checkHead(descriptor: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset, type } = descriptor;
  const version = bytes[6]!;
  const enhanced = type === DESCRIPTOR.supplementary && version === 2 && !hasJolietEscape(bytes);
  if (version !== 1 && !enhanced) {
    faults.error(
      descriptorPlace(descriptor),
      offset + 6,
      "ECMA-119 8.1.3",
      `the version of a volume descriptor is 1, not ${version}`,
    );
  }
  if (type === DESCRIPTOR.partition) {
    const rule = "a volume partition descriptor: nothing of a drive is in a partition of the volume";
    faults.warning(descriptorPlace(descriptor), offset, "ECMA-119 8.6", rule);
  }
  if (type > DESCRIPTOR.partition && type !== DESCRIPTOR.terminator) {
    faults.error(descriptorPlace(descriptor), offset, "ECMA-119 8.1.1", `type ${type} is reserved`);
  }
  if (type === DESCRIPTOR.supplementary && !enhanced && !isJoliet(descriptor)) {
    const rule = "its escape sequences are none of Joliet's: %/@, %/C or %/E";
    faults.error(descriptorPlace(descriptor), offset + 88, "ECMA-119 8.5.6; Joliet", rule);
  }
}
