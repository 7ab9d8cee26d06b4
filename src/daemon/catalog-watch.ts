import type { Logger } from "pino";
import type { Catalog } from "#drive/catalog.js";
import { Refusal } from "#drive/refusal.js";
import { type Repeated, repeat } from "./repeat.js";

/** How often the catalog is asked whether it answers, and how long it may take, in milliseconds. */
const EVERY_MS = 2000;
const ANSWER_MS = 5000;

/**
 * Asks the catalog again and again whether it can be used, and tells when that changes: a database that went away is noticed
 * within seconds, not at the reconciler's next pass.
 * @param told - gets whether the catalog can be used, after each change; the next question waits for it
 */
export function watchCatalog(
  catalog: Pick<Catalog, "check">,
  logger: Logger,
  told: (answers: boolean, signal: AbortSignal) => Promise<void>,
  everyMs = EVERY_MS,
): Repeated {
  let before = true;
  return repeat(everyMs, async (signal) => {
    const refusal = await refusalOf(catalog);
    if (signal.aborted) return;
    const answers = refusal === undefined;
    if (answers === before) return;
    before = answers;
    if (answers) logger.info({ event: "catalog_back" }, "the catalog can be used again");
    else logger.error({ event: "catalog_away", reason: refusal.reason }, refusal.message);
    await told(answers, signal);
  });
}

async function refusalOf(catalog: Pick<Catalog, "check">): Promise<Refusal | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<Refusal>();
  const silent = new Refusal("CATALOG_FAILED", `the catalog did not answer within ${ANSWER_MS} ms`);
  const timer = setTimeout(() => resolve(silent), ANSWER_MS);
  try {
    const asked = catalog.check().then(
      () => undefined,
      (error: unknown) =>
        error instanceof Refusal
          ? error
          : new Refusal("CATALOG_FAILED", "the catalog failed in a way of its own", { cause: error }),
    );
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
