import type { Catalog } from "#drive/catalog.js";
import type { Instruments } from "./instruments.js";
import { showTally } from "./observe.js";

/** The catalog is counted at most this often, however many scrape, in milliseconds. */
const COUNT_EVERY_MS = 5000;
/** A scrape waits no longer for it, in milliseconds; Prometheus itself gives up after 10 s. */
const COUNT_WITHIN_MS = 3000;

/**
 * Gives a function that brings what the catalog holds up to date. A catalog that is away leaves the numbers as they were:
 * `configdrive_catalog_up` tells of it.
 */
export function catalogGauges(
  catalog: Pick<Catalog, "tally">,
  instruments: Instruments,
  now: () => Date,
): () => Promise<void> {
  let counted = Number.NEGATIVE_INFINITY;
  let counting: Promise<void> | undefined;
  const count = async () => {
    counted = now().getTime();
    try {
      showTally(instruments, await catalog.tally(), now());
    } catch {
      counted = Number.NEGATIVE_INFINITY;
    } finally {
      counting = undefined;
    }
  };
  return async () => {
    if (now().getTime() - counted < COUNT_EVERY_MS && counting === undefined) return;
    counting ??= count();
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, COUNT_WITHIN_MS);
    await Promise.race([counting, late.promise]);
    clearTimeout(timer);
  };
}
