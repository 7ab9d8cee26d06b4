import { type ImageInput, windowInput } from "../input/input.js";
import { detectImage } from "../open.js";
import { ImageRefusal } from "../refusal.js";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../volume.js";
import { verifyFat } from "./fat/verify-fat.js";
import { type Fault, FaultList } from "./fault.js";
import { verifyIso9660 } from "./iso9660/verify-iso9660.js";
import { checkPartition } from "./partition.js";
import { type SuspectedImage, suspectFormat } from "./suspect.js";

/**
 * Every structural fault of an image that the standards name: ECMA-119, Joliet, SUSP and RRIP for ISO 9660, Microsoft's specification for
 * FAT. None are found in a raw image: it has no structure. What cannot be found, and what is tolerated, stands in `docs/verify.md`.
 * Never throws for what the bytes are; work and memory end at the limits, and that too is a fault.
 */
export function verify(input: ImageInput, limits: ReadLimits = DEFAULT_READ_LIMITS): readonly Fault[] {
  const list = new FaultList();
  try {
    verifyDetected(input, limits, list);
  } catch (error) {
    if (!(error instanceof ImageRefusal)) throw error;
    list.error(error.path, 0, "readable", error.message);
  }
  return list.faults;
}

function verifyDetected(input: ImageInput, limits: ReadLimits, list: FaultList): void {
  const found = recognise(input);
  switch (found.kind) {
    case "iso9660":
      verifyIso9660(input, limits, list);
      break;
    case "vfat":
      verifyFat(input, 0, limits, list);
      break;
    case "vfat-in-partition":
      checkPartition(input, found.offset, list);
      list.beginVolume(found.offset);
      verifyFat(windowInput(input, found.offset, found.size), found.offset / 512, limits, list);
      break;
    case "raw":
      break;
  }
}

/** What the image is or, where nothing recognises it, was likely meant to be. */
function recognise(input: ImageInput): SuspectedImage {
  const detected = detectImage(input);
  if (detected.kind === "raw") return suspectFormat(input);
  if (detected.kind !== "vfat-in-partition") return { kind: detected.kind };
  return { kind: "vfat-in-partition", offset: detected.partition.offset, size: detected.partition.size };
}
