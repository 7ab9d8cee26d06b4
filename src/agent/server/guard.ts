import type { Wait } from "#drive/hypervisor.js";
import { Turns } from "#drive/turns.js";
import { type AnyFence, type Fences, subjectOf } from "./fences.js";

/**
 * Lets commands about one drive or one instance run one after the other, and none that is older than another one seen: a newer one
 * ends what still runs of an older one, and waits until that has let go.
 */
export class Guard {
  readonly #turns = new Turns();

  constructor(private readonly fences: Fences) {}

  /**
   * Admits what goes on beside the commands, such as an image on its way. Gives the signal that aborts when a newer command comes.
   * Refusals: DRIVE_BUSY or INSTANCE_BUSY when it is too old.
   */
  async admit(fence: AnyFence, wait: Wait): Promise<AbortSignal> {
    const overtaken = this.fences.admit(fence);
    await this.#turns.take(subjectOf(fence), wait.signal, () => this.fences.keep(fence));
    return overtaken;
  }

  /** Runs a command when its turn has come. Refusals: DRIVE_BUSY or INSTANCE_BUSY when it is too old or becomes so, and the command's own. */
  async run<T>(fence: AnyFence, { signal }: Wait, work: (wait: Wait) => Promise<T>): Promise<T> {
    const overtaken = this.fences.admit(fence);
    const until = AbortSignal.any([signal, overtaken]);
    return await this.#turns.take(subjectOf(fence), until, async () => {
      until.throwIfAborted();
      await this.fences.keep(fence);
      return await work({ signal: until });
    });
  }
}
