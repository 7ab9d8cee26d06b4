import { createHash } from "node:crypto";
import type { ImagePlan } from "../plan.js";
import { imageRuns } from "./runs.js";
import { borrowStaging } from "./staging-pool.js";
import { Turns } from "./turns.js";
import { hashHole } from "./zeros.js";

/** SHA-256 of the whole image, in hexadecimal, without writing it anywhere. */
export async function planDigest(plan: ImagePlan, signal?: AbortSignal): Promise<string> {
  using staging = borrowStaging();
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
