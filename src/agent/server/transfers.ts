import type { Wait } from "#drive/hypervisor.js";
import type { WrittenImage } from "#drive/image-store.js";
import { Refusal } from "#drive/refusal.js";
import { type Place, type Step, Transfer } from "./transfer.js";

/** A transfer that no step came for is given up: its service is gone, or began anew. */
const IDLE_MS = 20_000;
/** Transfers under way at once: each holds a step of at most a few MiB in memory and a partial file. */
const AT_ONCE = 64;

interface UnderWay {
  readonly transfer: Transfer;
  idle: NodeJS.Timeout | undefined;
}

/** The images that are on their way here. A restart forgets them, and whoever brings one begins anew. */
export class Transfers {
  readonly #underWay = new Map<string, UnderWay>();

  constructor(private readonly idleMs = IDLE_MS) {}

  /**
   * Takes a step of a transfer, of which the one from 0 begins it; gives what was written at the last one.
   * @param overtaken ends the transfer when a newer command about the drive comes
   * Refusals: STORAGE_FAILED with `transfer: unknown` for a later step of one that is not under way; DEVICE_BUSY when there are too
   *   many; those of `Transfer.take`.
   */
  async take(
    id: string,
    size: number,
    step: Step,
    place: Place,
    overtaken: AbortSignal,
    wait: Wait,
  ): Promise<WrittenImage | undefined> {
    const underWay = this.#underWay.get(id) ?? this.#begin(id, size, step, place, overtaken);
    clearTimeout(underWay.idle);
    try {
      return await underWay.transfer.take(step, wait);
    } finally {
      if (this.#underWay.get(id) === underWay) {
        underWay.idle = setTimeout(
          () => underWay.transfer.abort(new Refusal("CANCELLED", "no step came")),
          this.idleMs,
        );
        underWay.idle.unref();
      }
    }
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    const all = [...this.#underWay.values()];
    for (const { transfer } of all) transfer.abort(new Refusal("SHUTTING_DOWN", "the agent is stopping"));
    await Promise.all(all.map(({ transfer }) => transfer.over()));
  }

  #begin(id: string, size: number, step: Step, place: Place, overtaken: AbortSignal): UnderWay {
    if (step.from !== 0) {
      throw new Refusal("STORAGE_FAILED", `transfer ${id} is not under way here`, {
        metadata: { transfer: "unknown" },
      });
    }
    if (this.#underWay.size >= AT_ONCE) {
      throw new Refusal("DEVICE_BUSY", `${AT_ONCE} images are on their way to this host, which is the most`);
    }
    const underWay: UnderWay = { transfer: new Transfer(size, step, place), idle: undefined };
    this.#underWay.set(id, underWay);
    const overtake = () => underWay.transfer.abort(overtaken.reason);
    if (overtaken.aborted) overtake();
    overtaken.addEventListener("abort", overtake, { once: true });
    void underWay.transfer.over().then(() => {
      overtaken.removeEventListener("abort", overtake);
      clearTimeout(underWay.idle);
      this.#underWay.delete(id);
    });
    return underWay;
  }
}
