import { createHash, hash as hashOnce } from "node:crypto";
import type { ImagePlan } from "../plan.js";
import { imageRuns } from "./runs.js";
import { borrowStaging } from "./staging-pool.js";
import { Turns } from "./turns.js";
import { wholeImage } from "./whole.js";
import { hashHole } from "./zeros.js";

/** SHA-256 of the whole image, in hexadecimal, without writing it anywhere. */
export async function planDigest(plan: ImagePlan, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  using staging = borrowStaging();
  const whole = wholeImage(plan, staging.buffer);
  if (whole !== undefined) return hashOnce("sha256", whole);
  const hash = createHash("sha256");
  const turns = new Turns(signal);
  for await (const { bytes, length } of imageRuns(plan, staging.buffer, signal)) {
    if (bytes === undefined) {
      await hashHole(hash, length, turns);
    } else {
      hash.update(bytes);
      if (turns.isDue(length)) await turns.giveWay();
    }
  }
  return hash.digest("hex");
}
