import { setTimeout as delay } from "node:timers/promises";
import type { Wait } from "#drive/hypervisor.js";
import { waitEnded } from "#drive/wait.js";
import type { SourceFailure } from "./source-failure.js";

/** An answer that came: its bytes from the asked offset on. */
export interface Answer {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Bytes of the whole object, where the place says. */
  readonly size: number | undefined;
  /** Names this very version of the object, where the place says: what follows may only be taken from the same one. */
  readonly version: string | undefined;
}

/** Something that may be gone at the next try: a broken connection, an overloaded or restarting server. */
export class Transient extends Error {
  override readonly name = "Transient";
}

/** How often, and after which waits, a place is asked again. */
export interface Patience {
  readonly attempts: number;
  /** The first wait; each further one is twice as long. */
  readonly firstWaitMs: number;
}

/** Asks for the bytes from an offset on, of one version only unless it is the first time. Throws `Transient` or a refusal. */
export type Ask = (offset: number, version: string | undefined) => Promise<Answer>;

/**
 * The bytes of an object, over as many connections as it takes. A cut one is taken up where it stopped, if the place can tell that the
 * object is still the same; else nothing of it is good.
 */
export async function* resumable(
  ask: Ask,
  failure: SourceFailure,
  maxBytes: number,
  patience: Patience,
  wait: Wait,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let version: string | undefined;
  let size: number | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await ask(offset, version);
      if (answer.size !== undefined && answer.size > maxBytes) throw failure.tooLarge(answer.size, maxBytes);
      // A place may ignore what it was asked for, and go on with the bytes of another object.
      if (offset > 0 && (answer.version !== version || answer.size !== size)) {
        throw failure.unreachable(`was cut after ${offset} bytes and has changed since`);
      }
      ({ version, size } = answer);
      for await (const chunk of answer.chunks) {
        offset += chunk.length;
        yield chunk;
      }
      if (answer.size === undefined || offset === answer.size) return;
      throw new Transient(`ended after ${offset} of ${answer.size} bytes`);
    } catch (error) {
      if (wait.signal.aborted) throw waitEnded(wait.signal);
      if (!(error instanceof Transient)) throw error;
      if (offset > 0 && version === undefined) {
        throw failure.unreachable(
          `was cut after ${offset} bytes and cannot be taken up again: ${error.message}`,
          error,
        );
      }
      if (attempt >= patience.attempts) throw failure.unreachable(`${error.message} (tried ${attempt} times)`, error);
      await delay(patience.firstWaitMs * 2 ** (attempt - 1), undefined, { signal: wait.signal }).catch(() => {
        throw waitEnded(wait.signal);
      });
    }
  }
}
