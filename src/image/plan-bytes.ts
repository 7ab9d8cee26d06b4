import type { ImagePlan } from "./plan.js";
import { ImageRefusal } from "./refusal.js";

/**
 * A whole image in memory, for small ones: every source must be in memory already. `hole` fills what the plan does not cover, so that
 * a test can see who reads it. Throws `ImageRefusal` for a source that would have to be read.
 */
export function planBytes(plan: ImagePlan, hole = 0): Buffer {
  const image = Buffer.alloc(plan.size, hole);
  for (const { offset, data } of plan.extents) {
    if (data.bytes === undefined) throw new ImageRefusal(`byte ${offset}`, "its data is not in memory");
    image.set(data.bytes, offset);
  }
  return image;
}
