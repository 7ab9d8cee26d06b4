import { createHash } from "node:crypto";
import type { ImagePlan } from "../plan.js";
import { imageRuns } from "./runs.js";
import { borrowStaging } from "./staging-pool.js";
import { hashZeros } from "./zeros.js";

/** SHA-256 of the whole image, in hexadecimal, without writing it anywhere. */
export async function planDigest(plan: ImagePlan, signal?: AbortSignal): Promise<string> {
  using staging = borrowStaging();
  const hash = createHash("sha256");
  for await (const run of imageRuns(plan, staging.buffer, signal)) {
    if (run.bytes === undefined) hashZeros(hash, run.length);
    else hash.update(run.bytes);
  }
  return hash.digest("hex");
}
