import type { Wait } from "#drive/hypervisor.js";
import type { WrittenImage } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import { untilAborted } from "#drive/wait.js";
import type { ImagePlan } from "#image/plan.js";
import { fromBytes } from "#image/tree.js";

/** Bytes of an image from one place to another; what no extent covers is zero. */
export interface Step {
  readonly from: number;
  readonly to: number;
  /** Ascending, inside the step, never overlapping. */
  readonly extents: readonly { readonly offset: number; readonly data: Uint8Array }[];
}

/** What puts an image in its place. */
export type Place = (plan: ImagePlan, wait: Wait) => Promise<WrittenImage>;

/** Never written to. */
const ZEROS: Uint8Array = Buffer.alloc(1 << 20);

interface Waiting {
  readonly step: Step;
  taken(): void;
}

/**
 * An image on its way here. What comes in one step, as most images do, is a plan already. Else the steps in order become the one
 * source of a plan. The store writes either as it writes any other. A step is done when its bytes are written, so that no more than
 * one is held in memory; the last one is done when the image is in its place.
 */
export class Transfer {
  readonly #abort = new AbortController();
  readonly #written: Promise<WrittenImage>;
  #next = Promise.withResolvers<Waiting>();
  #position = 0;

  /**
   * @param size bytes of the whole image
   * @param first the step that begins it, which is taken like the others
   * Refusals: INVALID_ARGUMENT for one that does not fit.
   */
  constructor(
    private readonly size: number,
    first: Step,
    place: Place,
  ) {
    requireFit(first, size);
    const isWhole = first.to === size;
    if (isWhole) this.#position = size;
    const extents = isWhole
      ? first.extents.map(({ offset, data }) => ({ offset, data: fromBytes(data) }))
      : [{ offset: 0, data: { size, read: () => this.#bytes() } }];
    this.#written = place({ format: "raw", size, label: undefined, extents }, { signal: this.#abort.signal });
    // Whoever brings the next step is told.
    this.#written.catch(() => undefined);
  }

  /** Resolves when it is over, well or not. */
  async over(): Promise<void> {
    await this.#written.catch(() => undefined);
  }

  /** Ends it; nothing of the image is left. */
  abort(reason: unknown): void {
    this.#abort.abort(reason);
  }

  /**
   * Takes a step; gives what was written at the last one. A step that came before is passed over.
   * Refusals: INVALID_ARGUMENT for one that is out of order or does not fit; those of the store; DEADLINE_EXCEEDED, CANCELLED.
   */
  async take(step: Step, { signal }: Wait): Promise<WrittenImage | undefined> {
    requireFit(step, this.size);
    if (step.to > this.#position) {
      if (step.from !== this.#position) throw misfit("from", `must be ${this.#position}, where the step before ended`);
      this.#position = step.to;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#next.resolve({ step, taken: resolve });
      await untilAborted(Promise.race([promise, this.#written]), signal);
    }
    return step.to === this.size ? await untilAborted(this.#written, signal) : undefined;
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.size; ) {
      const { step, taken } = await untilAborted(this.#next.promise, this.#abort.signal);
      this.#next = Promise.withResolvers();
      for (const { offset, data } of step.extents) {
        yield* zeros(offset - at);
        yield data;
        at = offset + data.length;
      }
      yield* zeros(step.to - at);
      at = step.to;
      taken();
    }
  }
}

function* zeros(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= ZEROS.length) yield left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS;
}

function requireFit({ from, to, extents }: Step, size: number): void {
  if (from > to || to > size) throw misfit("to", `must be from ${from} to the image's size, ${size}`);
  if (from === to && size > 0) throw misfit("to", "must be beyond from");
  let at = from;
  for (const [index, { offset, data }] of extents.entries()) {
    if (offset < at || offset + data.length > to)
      throw misfit(`extents[${index}]`, "must ascend, and lie inside the step");
    at = offset + data.length;
  }
}

function misfit(field: string, rule: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `${field} ${rule}`, { violations: [{ field, rule }] });
}
