import { isFilledWith, latin1, uint32le } from "../../input/integers.js";
import type { VolumeDescriptor } from "../../iso9660/read/volume-descriptor.js";
import type { FaultList } from "../fault.js";

const PLACE = "Joliet volume descriptor";
const utf16be = new TextDecoder("utf-16be");

/** What a Joliet descriptor has beside a primary one's fields, and where the two must agree. */
export function checkJolietDescriptor(joliet: VolumeDescriptor, primary: VolumeDescriptor, faults: FaultList): void {
  const { bytes, offset } = joliet;
  if (!isFilledWith(bytes, 91, 29, 0)) {
    faults.error(PLACE, offset + 91, "ECMA-119 8.5.6; Joliet", "behind its escape sequence the field is zero");
  }
  if (bytes[90] !== 0x45) {
    faults.warning(PLACE, offset + 90, "Joliet", "its names are UCS-2 level 1 or 2; everyone writes level 3 (%/E)");
  }
  const label = utf16be.decode(bytes.subarray(40, 72)).replace(/[ \0]+$/, "");
  const plain = latin1(primary.bytes, 40, 32).trimEnd();
  if (label === "") {
    faults.error(
      PLACE,
      offset + 40,
      "ECMA-119 8.5; Joliet",
      "the volume identifier is empty: blkid shows no label then",
    );
  } else if (label !== plain.slice(0, 16)) {
    faults.error(
      PLACE,
      offset + 40,
      "ECMA-119 8.4.6; Joliet",
      `the volume identifiers differ: ${JSON.stringify(plain)} and ${JSON.stringify(label)}`,
    );
  }
  const space = uint32le(bytes, 80);
  const primarySpace = uint32le(primary.bytes, 80);
  if (space !== primarySpace) {
    faults.error(
      PLACE,
      offset + 80,
      "ECMA-119 8.4.8",
      `the volume space sizes differ: ${primarySpace} and ${space} blocks`,
    );
  }
}
