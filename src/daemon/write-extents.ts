import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { ImagePlan } from "#image/plan.js";

const zeros = Buffer.alloc(1 << 16);

/** Writes a plan into an empty file, holes left as holes, and gives the SHA-256 of the whole image. */
export async function writeExtents(file: FileHandle, plan: ImagePlan, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  let at = 0;
  const gap = (end: number) => {
    for (; at < end; at += Math.min(zeros.length, end - at))
      hash.update(zeros.subarray(0, Math.min(zeros.length, end - at)));
  };
  for (const { offset, data } of plan.extents) {
    signal.throwIfAborted();
    gap(offset);
    for await (const bytes of data.read === undefined ? [data.bytes] : data.read(signal)) {
      await file.write(bytes, 0, bytes.length, at);
      hash.update(bytes);
      at += bytes.length;
    }
  }
  gap(plan.size);
  await file.truncate(plan.size);
  return hash.digest("hex");
}
