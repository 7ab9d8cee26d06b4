import type { ImagePlan } from "#image/plan.js";
import { imageRuns } from "#image/sink/runs.js";
import { borrowStaging } from "#image/sink/staging-pool.js";
import { dataStretches } from "#image/sink/zeros.js";

/** A part of an image on its way: what no extent covers is zero. */
export interface OutgoingStep {
  readonly from: number;
  readonly to: number;
  readonly extents: readonly { readonly offset: bigint; readonly data: Buffer }[];
}

/** Most bytes in one message: with base64 and the envelope it stays well below what a broker takes (128 MiB by default). */
const STEP_BYTES = 1 << 20;
/** Most extents in one message. */
const STEP_EXTENTS = 4096;

/**
 * Cuts an image into steps, each with at most 1 MiB of data; zeros cost nothing, however many they are. An image without any
 * data is one step. Steps are copies: each is good for as long as it is needed.
 */
export async function* stepsOf(plan: ImagePlan, signal: AbortSignal): AsyncGenerator<OutgoingStep> {
  using staging = borrowStaging();
  let from = 0;
  let held = 0;
  let extents: { offset: bigint; data: Buffer }[] = [];
  for await (const { offset, bytes } of imageRuns(plan, staging.buffer, signal)) {
    for (const [start, end] of bytes === undefined ? [] : dataStretches(bytes)) {
      if (held + end - start > STEP_BYTES || extents.length === STEP_EXTENTS) {
        yield { from, to: offset + start, extents };
        from = offset + start;
        held = 0;
        extents = [];
      }
      extents.push({ offset: BigInt(offset + start), data: Buffer.from(bytes!.subarray(start, end)) });
      held += end - start;
    }
  }
  yield { from, to: plan.size, extents };
}
