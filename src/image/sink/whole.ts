import type { ImagePlan } from "../plan.js";
import { checkLength, gapBefore } from "./runs.js";

/**
 * Puts a whole image together in a buffer, of which it gives the part that is the image. Most images are small and in memory; with all
 * others it gives `undefined`.
 * @throws SourceLengthError; RangeError for a plan whose extents overlap or go beyond it
 */
export function wholeImage(plan: ImagePlan, buffer: Uint8Array): Uint8Array | undefined {
  if (plan.size > buffer.length) return undefined;
  let end = 0;
  for (const { offset, data } of plan.extents) {
    const { bytes, size } = data;
    if (bytes === undefined) return undefined;
    checkLength(size, bytes.length);
    if (gapBefore(offset, end) > 0) buffer.fill(0, end, offset);
    buffer.set(bytes, offset);
    end = offset + size;
  }
  if (gapBefore(plan.size, end) > 0) buffer.fill(0, end, plan.size);
  return buffer.subarray(0, plan.size);
}
