import { setTimeout as pause } from "node:timers/promises";

/** Waits for a promise, at most so many milliseconds; the error names what was waited for. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks again and again until the answer is neither `undefined` nor `false`, at most so many milliseconds.
 * For conditions that nothing announces; an error thrown by the question ends the wait at once.
 */
export async function until<T>(
  ms: number,
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  everyMs = 50,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() >= end) throw new Error(`waited ${ms} ms for ${what}`);
    await pause(everyMs);
  }
}
